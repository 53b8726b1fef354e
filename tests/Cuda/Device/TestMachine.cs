using GptGen.Cuda.Kernels;
using GptGen.Cuda.Tests.Driver;
using GptGen.Runtime.Tests;

namespace GptGen.Cuda.Tests.Device;

/// <summary>The machine of the tests (<see cref="TestTarget"/>), whose GPU is opened as a device. Skips the test where there is none.</summary>
internal sealed class TestMachine : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private readonly bool isPlain;

    public TestMachine(params (string Name, string Value)[] settings)
    {
        isPlain = settings.Length == 0;
        TestGpu.Prepare(settings);
    }

    /// <summary>Opens the GPU.</summary>
    /// <param name="precision">How exactly it computes.</param>
    /// <param name="loadSource">Finds kernel sources by file name, for tests that change one.</param>
    /// <param name="asked">What cuBLASLt does within products; null for what the environment says.</param>
    /// <param name="gpu">Its number.</param>
    public CudaDevice Open(
        GpuPrecision precision = GpuPrecision.Float32, Func<string, KernelSource>? loadSource = null, ProductFusions? asked = null,
        int gpu = 0) =>
        new(gpu, precision, new KernelCache(TestTarget.KernelFolder(folder, isPlain)), loadSource, asked);

    public void Dispose()
    {
        TestTarget.Reset();
        folder.Dispose();
    }
}
