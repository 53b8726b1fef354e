// One step of an LSTM at a time, between products of cuBLAS, and the way back. A thread has one number of one sequence: x counts sequences, y runs of
// numbers.
namespace lstm {

#define LSTM_NUMBER(width)                                                            \
    int i = (int)(blockIdx.y * blockDim.x + threadIdx.x), sequence = (int)blockIdx.x; \
    if (i >= (width)) return;                                                         \
    Steps steps{lengths, length, backward};                                           \
    long long own = (long long)sequence * (width) + i;

// `products` are what the outputs before contribute, null where those are zero.
__global__ void cells(const Activation* gates, const float* products, const Activation* initial, Activation* activated, Activation* cells,
                      Activation* hidden, LSTM_STEPS, int width, float limit, int step) {
    LSTM_NUMBER(width)
    const float* added = products == nullptr ? nullptr : products + own + 3LL * sequence * width;
    store(hidden + own, cellStep(steps, sequence, step, width, i, gates, added, initial, activated, cells, limit));
}

// Clips one step's outputs where they lie and stores them by row.
__global__ void outputs(Activation* projected, Activation* y, LSTM_STEPS, int width, float limit, int step) {
    LSTM_NUMBER(width)
    float clipped = outputStep(steps, sequence, step, width, i, toFloat(projected[own]), y, limit);
    store(projected + own, clipped);
}

// What each sequence has after its last step; without steps what it had before. `final` may be `initial`.
__global__ void lastState(const Activation* rows, const Activation* initial, Activation* final, LSTM_STEPS, int width) {
    LSTM_NUMBER(width)
    store(final + own, steps.before(rows, initial, sequence, lengths[sequence], width, i));
}

__global__ void outputsBackward(const Activation* dy, const Activation* y, const Activation* initial, const float* dOutputs,
                                Activation* dProjected, Activation* dProjectedRows, Activation* beforeRows, LSTM_STEPS, int width, float limit,
                                int step) {
    LSTM_NUMBER(width)
    float gradient = outputStepBackward(
        steps, sequence, step, width, i, dy, y, initial, dOutputs[own], dProjectedRows, beforeRows, limit);
    store(dProjected + own, gradient);
}

__global__ void cellsBackward(const Activation* activated, const Activation* cells, const Activation* initial, const float* dHidden, float* dCells,
                              Activation* dSums, Activation* dGates, Activation* hiddenRows, LSTM_STEPS, int width, float limit, int step) {
    LSTM_NUMBER(width)
    Activation* sums = dSums + own + 3LL * sequence * width;
    cellStepBackward(
        steps, sequence, step, width, i, activated, cells, initial, dHidden[own], dCells + own, sums, dGates, hiddenRows, limit);
}

}  // namespace lstm
