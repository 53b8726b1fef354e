// The self-test's kernel: numbers *= factor, a thread a number.
extern "C" __global__ void Scale(float* numbers, float factor)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < COUNT)
        numbers[i] *= factor;
}
