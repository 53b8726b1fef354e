// What an LSTM does to one number of one sequence at one step, and the way back, without the products between. Comes after packs.cuh.
#ifndef GPTGEN_LSTM_STEPS
#define GPTGEN_LSTM_STEPS

namespace lstm {

// Rows as they lie in memory: sequence after sequence, `length` of each, and which way the steps go through them. At a step only sequences that are
// long enough have a row; of each other one a row behind its end becomes zero, so that in the end all of them are.
struct Steps {
    const Token* lengths;
    int length, backward;

    // The row of a sequence's step; behind its end the rows from there on, in either direction.
    __device__ __forceinline__ long long row(int sequence, int step) const {
        int count = lengths[sequence];
        return (long long)sequence * length + (backward && step < count ? count - 1 - step : step);
    }

    // Whether a sequence has that step.
    __device__ __forceinline__ bool has(int sequence, int step) const { return step < lengths[sequence]; }

    // What is carried into a step of width `width`: from the step before, or from the initial states; zero where there are none.
    __device__ __forceinline__ float before(const Activation* rows, const Activation* initial, int sequence, int step, int width, int i) const {
        if (step > 0) return toFloat(rows[row(sequence, step - 1) * width + i]);
        return initial == nullptr ? 0.0f : toFloat(initial[(long long)sequence * width + i]);
    }
};

#define LSTM_STEPS const Token* lengths, int length, int backward
// The number of which a function speaks.
#define LSTM_PLACE const Steps &steps, int sequence, int step, int width, int i

// A value within its bounds; NaN stays NaN.
DEVICE float clip(float value, float limit) { return value > limit ? limit : value < -limit ? -limit : value; }

// Gates and cell; gives what is projected. `products`, one every `width`, are what the outputs before contribute, null where those are zero.
DEVICE float cellStep(LSTM_PLACE, const Activation* gates, const float* products, const Activation* initial, Activation* activated,
                      Activation* cells, float limit) {
    if (!steps.has(sequence, step)) return 0.0f;
    long long row = steps.row(sequence, step), place = row * 4 * width + i;
    float sums[4];
#pragma unroll
    for (int gate = 0; gate < 4; gate++)
        sums[gate] = toFloat(gates[place + gate * width]) + (products == nullptr ? 0.0f : products[gate * width]);
    float input = sigmoid(sums[0]), candidate = hyperbolicTangent(sums[1]), forget = sigmoid(sums[2] + 1.0f), exit = sigmoid(sums[3]);
    float old = steps.before(cells, initial, sequence, step, width, i);
    float cell = clip(fmaf(forget, old, input * candidate), limit);
    store(activated + place, input);
    store(activated + place + width, candidate);
    store(activated + place + 2 * width, forget);
    store(activated + place + 3 * width, exit);
    store(cells + row * width + i, cell);
    return exit * hyperbolicTangent(cell);
}

// Clips an output, stores it by row and gives it.
DEVICE float outputStep(LSTM_PLACE, float projected, Activation* y, float limit) {
    float value = steps.has(sequence, step) ? clip(projected, limit) : 0.0f;
    store(y + steps.row(sequence, step) * width + i, value);
    return value;
}

// The way back up to the projection: the output's gradient, cut where it was clipped, given and stored by row, and what the step read, by row.
// `dOutput` is the gradient from the next step.
DEVICE float outputStepBackward(LSTM_PLACE, const Activation* dy, const Activation* y, const Activation* initial, float dOutput,
                                Activation* dProjectedRows, Activation* beforeRows, float limit) {
    long long place = steps.row(sequence, step) * width + i;
    float gradient = 0.0f, before = 0.0f;
    if (steps.has(sequence, step)) {
        gradient = toFloat(dy[place]) + (steps.has(sequence, step + 1) ? dOutput : 0.0f);
        if (fabsf(toFloat(y[place])) >= through<Activation>(limit)) gradient = 0.0f;
        before = steps.before(y, initial, sequence, step, width, i);
    }
    store(dProjectedRows + place, gradient);
    store(beforeRows + place, before);
    return gradient;
}

// The way back through cell and gates. `dCell` holds the gradient from the next step and then that for the step before, `dSums` has one number every
// `width`; `dGates` may be `activated`.
template <class Sum>
DEVICE void cellStepBackward(LSTM_PLACE, const Activation* activated, const Activation* cells, const Activation* initial, float dHidden,
                             float* dCell, Sum* dSums, Activation* dGates, Activation* hiddenRows, float limit) {
    long long row = steps.row(sequence, step), place = row * 4 * width + i;
    float gradients[4] = {0.0f, 0.0f, 0.0f, 0.0f}, hidden = 0.0f;
    if (steps.has(sequence, step)) {
        float input = toFloat(activated[place]), candidate = toFloat(activated[place + width]);
        float forget = toFloat(activated[place + 2 * width]), exit = toFloat(activated[place + 3 * width]);
        float cell = toFloat(cells[row * width + i]), old = steps.before(cells, initial, sequence, step, width, i);
        float bent = hyperbolicTangent(cell);
        hidden = exit * bent;
        float gradient = dHidden * exit * fmaf(-bent, bent, 1.0f) + (steps.has(sequence, step + 1) ? *dCell : 0.0f);
        if (fabsf(cell) >= through<Activation>(limit)) gradient = 0.0f;
        *dCell = gradient * forget;
        gradients[0] = gradient * candidate * fmaf(-input, input, input);
        gradients[1] = gradient * input * fmaf(-candidate, candidate, 1.0f);
        gradients[2] = gradient * old * fmaf(-forget, forget, forget);
        gradients[3] = dHidden * bent * fmaf(-exit, exit, exit);
    }
#pragma unroll
    for (int gate = 0; gate < 4; gate++) {
        store(dSums + gate * width, gradients[gate]);
        store(dGates + place + gate * width, gradients[gate]);
    }
    store(hiddenRows + row * width + i, hidden);
}

}  // namespace lstm

#endif
