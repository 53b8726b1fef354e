// y[s] = the mean of the first lengths[s] rows of sequence s, zero where there are none. Comes after column_sums.cuh.
template <int Vector, int Threads>
__global__ void meanRows(const Activation* x, const Token* lengths, Activation* y, int length, int width) {
    int sequence = blockIdx.x, first = sequence * length, count = lengths[sequence];
    sumColumns<Vector, 0, Threads>(
        x, y + (long long)sequence * width, blockIdx.y, first, first + count, width, width, count > 0 ? 1.0f / count : 0.0f);
}
