using GptGen.Emulator;
using Xunit;
using static GptGen.Cuda.Tests.Emulator.RawCuda;

namespace GptGen.Cuda.Tests.Emulator;

/// <summary>cuBLAS as the emulator's own tests call it: host arrays in, host arrays out.</summary>
internal sealed unsafe class Blas : IDisposable
{
    private const int F32 = 0, F16 = 2, BF16 = 14;

    private readonly RawCuda cuda = new();
    private readonly nint handle = Create("cublasCreate_v2");

    /// <summary>alpha op(A) op(B) + beta C; the whole of C with its padding.</summary>
    public float[] Multiply(
        bool transposeA, bool transposeB, int m, int n, int k, float alpha, float[] a, int lda, float[] b, int ldb, float beta, float[] c, int ldc,
        int inputType, int outputType, int compute)
    {
        var output = Upload(c, outputType);
        Check(
            Gemm(
                transposeA, transposeB, m, n, k, alpha, Upload(a, inputType), inputType, lda, Upload(b, inputType), ldb, beta, output, outputType,
                ldc, compute));
        return outputType switch
        {
            F32 => Download<float>(output, c.Length),
            F16 => [.. Download<Half>(output, c.Length).Select(value => (float)value)],
            _ => [.. Download<ushort>(output, c.Length).Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))],
        };
    }

    /// <summary>The status of an f32-sized call without transposition.</summary>
    public int Status(int m, int n, int k, float[] a, int lda, float[] b, int ldb, float[] c, int ldc, int type, int compute) =>
        Gemm(false, false, m, n, k, 1, cuda.Upload<float>(a), type, lda, cuda.Upload<float>(b), ldb, 0, cuda.Upload<float>(c), type, ldc, compute);

    /// <summary>A batch of products of tightly packed matrices at these strides.</summary>
    public float[] MultiplyBatch(int m, int n, int k, float[] a, long strideA, float[] b, long strideB, long strideC, int count)
    {
        var gemm = (delegate* unmanaged<
            nint, int, int, int, int, int, float*, ulong, int, int, long, ulong, int, int, long, float*, ulong, int, int, long, int, int, int, int>)
            CudaEmulator.EntryPoint("cublasGemmStridedBatchedEx");
        float one = 1, zero = 0;
        var output = cuda.Upload<float>(new float[strideC * count]);
        Check(
            gemm(
                handle, 0, 0, m, n, k, &one, cuda.Upload<float>(a), F32, m, strideA, cuda.Upload<float>(b), F32, k, strideB, &zero, output, F32, m,
                strideC, count, 68, -1));
        return Download<float>(output, (int)strideC * count);
    }

    public void Dispose()
    {
        Assert.Equal(0, Call("cublasDestroy_v2", handle));
        cuda.Dispose();
    }

    private int Gemm(
        bool transposeA, bool transposeB, int m, int n, int k, float alpha, ulong a, int inputType, int lda, ulong b, int ldb, float beta, ulong c,
        int outputType, int ldc, int compute)
    {
        var gemm = (delegate* unmanaged<
            nint, int, int, int, int, int, float*, ulong, int, int, ulong, int, int, float*, ulong, int, int, int, int, int>)
            CudaEmulator.EntryPoint("cublasGemmEx");
        return gemm(
            handle, transposeA ? 1 : 0, transposeB ? 1 : 0, m, n, k, &alpha, a, inputType, lda, b, inputType, ldb, &beta, c, outputType, ldc, compute,
            -1);
    }

    private ulong Upload(float[] values, int type)
    {
        if (values.Length == 0)
            return 0;
        return type switch
        {
            F32 => cuda.Upload<float>(values),
            F16 => cuda.Upload<Half>([.. values.Select(value => (Half)value)]),
            BF16 => cuda.Upload<ushort>([.. values.Select(ToBf16)]),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
    }

    private static ushort ToBf16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }
}
