// Filters over the characters of words. A window's sum has a part for each of its characters; `parts`, [character, filter, place in the window], are
// made by a product before, and on the way back their gradients become those of table and filters by products behind.
namespace characters {

// Two members of the enum Activation.
enum { Relu = 2, Tanh = 3 };

// How many windows may be the first that is the largest: those that begin in the same characters at a word's end are all alike.
DEVICE int windowsOf(const Token* word, int length, int window) {
    int start = length - 1;
    while (start > 0 && word[start - 1] == word[start]) start--;
    return min(length - window, start) + 1;
}

// y = a(largest sum + bias), and where the largest begins; x counts words, y runs of filters.
template <int Window, int Function>
__global__ void convolve(const Token* characters, const float* parts, const Parameter* bias, Activation* y, int stride, float* places, int length,
                         int filters) {
    int filter = (int)(blockIdx.y * blockDim.x + threadIdx.x);
    if (filter >= filters) return;
    long long row = blockIdx.x, columns = (long long)filters * Window;
    const Token* word = characters + row * length;
    const float* own = parts + (long long)filter * Window;
    int windows = windowsOf(word, length, Window), place = 0;
    float largest = 0.0f;
    for (int window = 0; window < windows; window++) {
        float sum = 0.0f;
#pragma unroll
        for (int i = 0; i < Window; i++) sum += own[word[window + i] * columns + i];
        if (window == 0 || sum > largest) {
            largest = sum;
            place = window;
        }
    }
    float value = largest + toFloat(bias[filter]);
    store(y + row * stride + filter, Function == Tanh ? hyperbolicTangent(value) : fmaxf(value, 0.0f));
    if (places != nullptr) places[row * filters + filter] = (float)place;
}

// The gradients of the parts and biases, in the order of the words: a thread has one place of one filter's windows. In the end those of the parts
// become factors, which may be the same memory where they have the same type.
template <int Window, int Function>
__global__ void convolveBackward(const Activation* dy, int dyStride, const Token* characters, const Activation* y, int yStride, const float* places,
                                 float* dParts, Activation* factors, Gradient* dBias, int add, int rows, int length, int filters, int count) {
    int column = (int)(blockIdx.x * blockDim.x + threadIdx.x), columns = filters * Window;
    if (column >= columns) return;
    int filter = column / Window, place = column % Window;
    for (int character = 0; character < count; character++) dParts[(long long)character * columns + column] = 0.0f;
    float sum = 0.0f;
    for (int row = 0; row < rows; row++) {
        float value = toFloat(y[(long long)row * yStride + filter]);
        float slope = Function == Tanh ? 1.0f - value * value : value > 0.0f ? 1.0f : 0.0f;
        float gradient = toFloat(dy[(long long)row * dyStride + filter]) * slope;
        if (gradient == 0.0f) continue;
        int start = (int)places[(long long)row * filters + filter];
        dParts[(long long)characters[(long long)row * length + start + place] * columns + column] += gradient;
        sum += gradient;
    }
    if ((void*)factors != (void*)dParts)
        for (int character = 0; character < count; character++)
            store(factors + (long long)character * columns + column, dParts[(long long)character * columns + column]);
    if (place == 0) store(dBias + filter, (add ? toFloat(dBias[filter]) : 0.0f) + sum);
}

}  // namespace characters
