using GptGen.Cuda.Kernels;
using GptGen.Cuda.Tests.Driver;
using GptGen.Runtime.Tests;

namespace GptGen.Cuda.Tests.Device;

/// <summary>A fresh emulated machine whose GPU is opened as a device, or the machine's own GPU (<see cref="TestTarget"/>). Skips the test where there is neither.</summary>
internal sealed class EmulatedDevice : IDisposable
{
    /// <summary>One for all tests on a real GPU: its compiler needs longer than the tests. The emulator's settings change what it compiles, unseen by the cache.</summary>
    private static readonly Lazy<TemporaryFolder> s_common = new(static () =>
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        return folder;
    });

    private readonly TemporaryFolder folder = new();

    public EmulatedDevice(params (string Name, string Value)[] settings) => EmulatedGpu.Prepare(settings);

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
