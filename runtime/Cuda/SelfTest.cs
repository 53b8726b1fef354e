using GptGen.Cuda.Driver;
using GptGen.Cuda.Kernels;

namespace GptGen.Cuda;

/// <summary>Tries on a GPU, in the small, what every operator needs: memory, copies, a compiled kernel and a matrix product.</summary>
internal static class SelfTest
{
    private const string Operation = "the self-test";
    private const int Count = 256;
    private const int Side = 16;

    /// <summary>Doubles the numbers 0, 1, 2, … by a kernel and squares the matrix of them by cuBLAS.</summary>
    /// <exception cref="GptGenException">A call failed, or a result is wrong.</exception>
    public static void Run(GpuContext context, KernelCache cache)
    {
        var program = new KernelProgram
        {
            Name = "the self-test's kernels",
            Sources = [KernelSource.Load("selftest.cu")],
            Defines = [new("COUNT", Count)],
            Kernels = ["Scale"],
        };
        using var stream = GpuStream.Create(context);
        using var module = GpuModule.Load(context, program, cache);
        using var blas = GpuBlas.Create(stream);
        using var numbers = GpuMemory.Allocate(context, 2 * Count * sizeof(float), Operation);
        using var staging = PinnedMemory.Allocate(context, Count * sizeof(float), Operation);
        var values = staging.Span<float>(Count);
        for (var i = 0; i < Count; i++)
            values[i] = i;

        stream.CopyToGpu(numbers.Address, staging, 0, staging.Bytes, Operation);
        stream.Launch(module.Kernel("Scale"), GridSize.Covering(Count, 64), 64, 0, numbers.Address, 2f);
        var product = new GpuMatrix(numbers.Address + (Count * sizeof(float)), Side);
        var factor = new GpuMatrix(numbers.Address, Side);
        blas.Multiply(Side, Side, Side, factor, factor, product, Operation);
        stream.CopyToHost(staging, 0, product.Address, staging.Bytes, Operation);
        stream.Synchronize(Operation);
        Compare(values);
    }

    /// <summary>Every sum is an integer below 2^24, so f32 holds it exactly.</summary>
    private static void Compare(ReadOnlySpan<float> values)
    {
        for (var row = 0; row < Side; row++)
        {
            for (var column = 0; column < Side; column++)
            {
                long expected = 0;
                for (var k = 0; k < Side; k++)
                    expected += 4L * ((row * Side) + k) * ((k * Side) + column);
                if (values[(row * Side) + column] != expected)
                {
                    throw new GptGenException(
                        $"The GPU computes wrongly: element ({row}, {column}) of the self-test's product is "
                        + $"{values[(row * Side) + column]} and not {expected}. " +
                        "Update the driver and CUDA's libraries, and test the GPU's memory.");
                }
            }
        }
    }
}
