using System.Runtime.InteropServices;
using GptGen.Cuda.Libraries;
using ManagedCuda.BasicTypes;

namespace ManagedCuda.NVRTC;

// The run-time compiler (NVRTC reference), under ManagedCuda's names.

internal struct nvrtcProgram
{
    public IntPtr Pointer;
}

/// <summary>What a call of NVRTC returns.</summary>
internal enum nvrtcResult
{
    Success = 0,
    ErrorCompilation = 6,
}

internal static partial class NVRTCNativeMethods
{
    private const string Library = CudaLibraries.CompilerImport;

    /// <summary>The name of a status. The text belongs to the library.</summary>
    public static string nvrtcGetErrorString(nvrtcResult result) => Marshal.PtrToStringUTF8(GetErrorString(result)) ?? "";

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcVersion(ref int major, ref int minor);

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcGetNumSupportedArchs(ref int count);

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcGetSupportedArchs(int[] architectures);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nvrtcResult nvrtcCreateProgram(
        ref nvrtcProgram program, string source, string name, int headerCount, IntPtr[]? headers, IntPtr[]? includeNames);

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcDestroyProgram(ref nvrtcProgram program);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nvrtcResult nvrtcAddNameExpression(nvrtcProgram program, string expression);

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int optionCount, IntPtr[] options);

    // The name belongs to the program, and C# keeps the expression alive for the call only: the text is copied before the program goes.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nvrtcResult nvrtcGetLoweredName(nvrtcProgram program, string expression, ref IntPtr loweredName);

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram program, ref SizeT bytes);

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcGetProgramLog(nvrtcProgram program, byte[] log);

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, ref SizeT bytes);

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, byte[] image);

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcGetPTXSize(nvrtcProgram program, ref SizeT bytes);

    [LibraryImport(Library)]
    public static partial nvrtcResult nvrtcGetPTX(nvrtcProgram program, byte[] image);

    [LibraryImport(Library, EntryPoint = "nvrtcGetErrorString")]
    private static partial IntPtr GetErrorString(nvrtcResult result);
}
