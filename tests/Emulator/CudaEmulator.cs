using System.Runtime.InteropServices;

namespace GptGen.Emulator;

/// <summary>
/// A library that stands in for the CUDA driver, cuBLAS, NVRTC and NCCL, so that the CUDA path runs unchanged on a machine without a GPU.
/// A test begins with <c>Assert.SkipUnless(CudaEmulator.IsAvailable, CudaEmulator.Unavailable)</c>.
/// </summary>
public static unsafe class CudaEmulator
{
    private static readonly Lazy<(string? Folder, string Reason)> Built = new(EmulatorBuild.Run);
    private static readonly Lazy<nint> Library = new(() => NativeLibrary.Load(Path.Combine(Folder, EmulatorBuild.LibraryFile)));

    /// <summary>Whether the library is built, which the first question does; it takes some seconds when the sources are new.</summary>
    public static bool IsAvailable => Built.Value.Folder is not null;

    /// <summary>Why there is no library; empty when there is one.</summary>
    public static string Unavailable => Built.Value.Reason;

    /// <summary>The folder with <c>libcuda.so.1</c>, <c>libcublas.so.13</c>, <c>libnvrtc.so.13</c>, the names of CUDA 12 and NCCL's.</summary>
    /// <exception cref="InvalidOperationException">There is no library on this machine.</exception>
    public static string Folder => Built.Value.Folder ?? throw new InvalidOperationException(Unavailable);

    /// <summary>Makes a folder with only some of the libraries, for the tests of a machine where one is missing.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="names">Names such as <c>libcuda.so.1</c>.</param>
    public static void LinkInto(string folder, params string[] names)
    {
        foreach (var name in names)
            File.CreateSymbolicLink(Path.Combine(folder, name), Path.Combine(Folder, EmulatorBuild.LibraryFile));
    }

    /// <summary>The address of an entry point, such as <c>cuInit</c>.</summary>
    public static nint EntryPoint(string name) => NativeLibrary.GetExport(Library.Value, name);

    /// <summary>
    /// Changes the pretended machine of this process: DEVICES, NAME, CAPABILITY ("9.0"), MEMORY (bytes), CUDA (13000), CHECK, DEFERRED, or plants
    /// failures: FAIL, "cuLaunchKernel=701@3,cuInit=803" (call = status @ the how-manieth call; "kernel" fails when it runs). A process of its own
    /// takes them from the environment, GPTGEN_EMULATOR_CHECK=1.
    /// </summary>
    /// <exception cref="ArgumentException">The name or the value is unknown.</exception>
    public static void Set(string name, string value)
    {
        var set = (delegate* unmanaged<byte*, byte*, int>)EntryPoint("emulatorSet");
        var nativeName = Marshal.StringToCoTaskMemUTF8(name);
        var nativeValue = Marshal.StringToCoTaskMemUTF8(value);
        var status = set((byte*)nativeName, (byte*)nativeValue);
        Marshal.FreeCoTaskMem(nativeName);
        Marshal.FreeCoTaskMem(nativeValue);
        if (status != 0)
            throw new ArgumentException($"The emulator has no setting {name}={value}.");
    }

    /// <summary>Back to the settings of the environment, without planted failures, reports and errors of earlier launches.</summary>
    public static void Reset() => ((delegate* unmanaged<void>)EntryPoint("emulatorReset"))();

    /// <summary>What the emulator and its checker found wrong since the last reset, one line each: what, kernel, block, thread.</summary>
    public static string Reports => Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)EntryPoint("emulatorReportText"))())!;

    /// <summary>Bytes of device memory that are allocated now.</summary>
    public static long AllocatedBytes => (long)((delegate* unmanaged<nuint>)EntryPoint("emulatorAllocatedBytes"))();

    /// <summary>Kernels launched by this process.</summary>
    public static long LaunchCount => (long)((delegate* unmanaged<nuint>)EntryPoint("emulatorLaunchCount"))();
}
