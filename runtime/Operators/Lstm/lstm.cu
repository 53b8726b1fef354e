// The steps of an LSTM between its products, and the way back. A thread has one number of one sequence: x counts sequences, y runs of numbers. At a
// step only sequences that are long enough have a row; of each other one a row behind its end becomes zero, so that in the end all of them are.
namespace lstm {

// Rows as they lie in memory: sequence after sequence, `length` of each, and which way the steps go through them.
struct Steps {
    const Token* lengths;
    int length, backward;

    // The row of a sequence's step; behind its end the rows from there on, in either direction.
    __device__ __forceinline__ long long row(int sequence, int step) const {
        int count = lengths[sequence];
        return (long long)sequence * length + (backward && step < count ? count - 1 - step : step);
    }

    // What is carried into a step of width `width`: from the step before, or from the initial states; zero where there are none.
    __device__ __forceinline__ float before(const Activation* rows, const Activation* initial, int sequence, int step, int width, int i) const {
        if (step > 0) return toFloat(rows[row(sequence, step - 1) * width + i]);
        return initial == nullptr ? 0.0f : toFloat(initial[(long long)sequence * width + i]);
    }
};

#define LSTM_STEPS const Token* lengths, int length, int backward
#define LSTM_NUMBER(width)                                                            \
    int i = (int)(blockIdx.y * blockDim.x + threadIdx.x), sequence = (int)blockIdx.x; \
    if (i >= (width)) return;                                                         \
    Steps steps{lengths, length, backward};

// A value within its bounds; NaN stays NaN.
DEVICE float clip(float value, float limit) { return value > limit ? limit : value < -limit ? -limit : value; }

// Gates, cells and what is projected, of one step. `products` are what the outputs before contribute, null where those are zero.
__global__ void cells(const Activation* gates, const float* products, const Activation* initial, Activation* activated, Activation* cells,
                      Activation* hidden, LSTM_STEPS, int width, float limit, int step) {
    LSTM_NUMBER(width)
    Activation* out = hidden + (long long)sequence * width + i;
    if (step >= lengths[sequence]) {
        store(out, 0.0f);
        return;
    }
    long long row = steps.row(sequence, step), place = row * 4 * width + i, own = (long long)sequence * 4 * width + i;
    float sums[4];
#pragma unroll
    for (int gate = 0; gate < 4; gate++)
        sums[gate] = toFloat(gates[place + gate * width]) + (products == nullptr ? 0.0f : products[own + gate * width]);
    float input = sigmoid(sums[0]), candidate = hyperbolicTangent(sums[1]), forget = sigmoid(sums[2] + 1.0f), exit = sigmoid(sums[3]);
    float old = steps.before(cells, initial, sequence, step, width, i);
    float cell = clip(fmaf(forget, old, input * candidate), limit);
    store(activated + place, input);
    store(activated + place + width, candidate);
    store(activated + place + 2 * width, forget);
    store(activated + place + 3 * width, exit);
    store(cells + row * width + i, cell);
    store(out, exit * hyperbolicTangent(cell));
}

// Clips one step's outputs where they lie and stores them by row.
__global__ void outputs(Activation* projected, Activation* y, LSTM_STEPS, int width, float limit, int step) {
    LSTM_NUMBER(width)
    long long own = (long long)sequence * width + i;
    float value = step < lengths[sequence] ? clip(toFloat(projected[own]), limit) : 0.0f;
    store(projected + own, value);
    store(y + steps.row(sequence, step) * width + i, value);
}

// What each sequence has after its last step; without steps what it had before. `final` may be `initial`.
__global__ void lastState(const Activation* rows, const Activation* initial, Activation* final, LSTM_STEPS, int width) {
    LSTM_NUMBER(width)
    store(final + (long long)sequence * width + i, steps.before(rows, initial, sequence, lengths[sequence], width, i));
}

// The way back up to the projection: the outputs' gradient, cut where they were clipped, by sequence and by row, and what the step read, by row.
__global__ void outputsBackward(const Activation* dy, const Activation* y, const Activation* initial, const float* dOutputs,
                                Activation* dProjected, Activation* dProjectedRows, Activation* beforeRows, LSTM_STEPS, int width, float limit,
                                int step) {
    LSTM_NUMBER(width)
    long long place = steps.row(sequence, step) * width + i, own = (long long)sequence * width + i;
    float gradient = 0.0f, before = 0.0f;
    if (step < lengths[sequence]) {
        gradient = toFloat(dy[place]) + (step + 1 < lengths[sequence] ? dOutputs[own] : 0.0f);
        if (fabsf(toFloat(y[place])) >= through<Activation>(limit)) gradient = 0.0f;
        before = steps.before(y, initial, sequence, step, width, i);
    }
    store(dProjected + own, gradient);
    store(dProjectedRows + place, gradient);
    store(beforeRows + place, before);
}

// The way back through cells and gates. `dCells` holds the gradient from the next step and then that for the step before; `dGates` may be
// `activated`.
__global__ void cellsBackward(const Activation* activated, const Activation* cells, const Activation* initial, const float* dHidden, float* dCells,
                              Activation* dSums, Activation* dGates, Activation* hiddenRows, LSTM_STEPS, int width, float limit, int step) {
    LSTM_NUMBER(width)
    long long row = steps.row(sequence, step), place = row * 4 * width + i, own = (long long)sequence * width + i;
    float gradients[4] = {0.0f, 0.0f, 0.0f, 0.0f}, hidden = 0.0f;
    if (step < lengths[sequence]) {
        float input = toFloat(activated[place]), candidate = toFloat(activated[place + width]);
        float forget = toFloat(activated[place + 2 * width]), exit = toFloat(activated[place + 3 * width]);
        float cell = toFloat(cells[row * width + i]), old = steps.before(cells, initial, sequence, step, width, i);
        float bent = hyperbolicTangent(cell), up = dHidden[own];
        hidden = exit * bent;
        float gradient = up * exit * fmaf(-bent, bent, 1.0f) + (step + 1 < lengths[sequence] ? dCells[own] : 0.0f);
        if (fabsf(cell) >= through<Activation>(limit)) gradient = 0.0f;
        dCells[own] = gradient * forget;
        gradients[0] = gradient * candidate * fmaf(-input, input, input);
        gradients[1] = gradient * input * fmaf(-candidate, candidate, 1.0f);
        gradients[2] = gradient * old * fmaf(-forget, forget, forget);
        gradients[3] = up * bent * fmaf(-exit, exit, exit);
    }
#pragma unroll
    for (int gate = 0; gate < 4; gate++) {
        store(dSums + (long long)sequence * 4 * width + gate * width + i, gradients[gate]);
        store(dGates + place + gate * width, gradients[gate]);
    }
    store(hiddenRows + row * width + i, hidden);
}

}  // namespace lstm
