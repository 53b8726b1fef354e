using GptGen.Cuda.Kernels;
using GptGen.Cuda.Tests.Driver;
using GptGen.Runtime.Tests;

namespace GptGen.Cuda.Tests.Device;

/// <summary>The machine of the tests (<see cref="TestTarget"/>), whose GPU is opened as a device. Skips the test where there is none.</summary>
internal sealed class TestMachine : IDisposable
{
    /// <summary>
    /// One for all tests on a real GPU: its compiler needs longer than the tests. The emulator's settings change what it compiles, unseen by the
    /// cache.
    /// </summary>
    private static readonly Lazy<TemporaryFolder> s_common = new(static () =>
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    });

    private readonly TemporaryFolder folder = new();

    public TestMachine(params (string Name, string Value)[] settings) => TestGpu.Prepare(settings);

    /// <summary>Opens the GPU.</summary>
    /// <param name="tensorFloat32">Whether products round to TF32.</param>
    /// <param name="loadSource">Finds kernel sources by file name, for tests that change one.</param>
    public CudaDevice Open(bool tensorFloat32 = false, Func<string, KernelSource>? loadSource = null) =>
        new(0, tensorFloat32, new KernelCache((TestTarget.IsRealGpu ? s_common.Value : folder).Path), loadSource);

    public void Dispose()
    {
        TestTarget.Reset();
        folder.Dispose();
    }
}
