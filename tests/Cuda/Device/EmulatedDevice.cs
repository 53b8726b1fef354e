using GptGen.Cuda.Kernels;
using GptGen.Cuda.Tests.Driver;
using GptGen.Emulator;
using GptGen.Runtime.Tests;

namespace GptGen.Cuda.Tests.Device;

/// <summary>A fresh emulated machine whose GPU is opened as a device. Skips the test where the emulator cannot be built.</summary>
internal sealed class EmulatedDevice : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public EmulatedDevice(params (string Name, string Value)[] settings) => EmulatedGpu.Prepare(settings);

    /// <summary>Opens the GPU.</summary>
    /// <param name="tensorFloat32">Whether products round to TF32.</param>
    /// <param name="loadSource">Finds kernel sources by file name, for tests that change one.</param>
    public CudaDevice Open(bool tensorFloat32 = false, Func<string, KernelSource>? loadSource = null) =>
        new(0, tensorFloat32, new KernelCache(folder.Path), loadSource);

    public void Dispose()
    {
        CudaEmulator.Reset();
        folder.Dispose();
    }
}
