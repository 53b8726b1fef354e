using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using GptGen.Cuda.Libraries;
using ManagedCuda;
using ManagedCuda.BasicTypes;
using ManagedCuda.CudaBlas;
using ManagedCuda.NVRTC;

namespace GptGen.Cuda.Driver;

/// <summary>
/// Turns a status that is not success into an exception that names the call, the operation it served and the status, and says what to do.
/// A check of a success costs one comparison.
/// </summary>
internal static class Status
{
    /// <summary>Set to 1, each launch waits for its end, so that a kernel's fault is reported at the kernel and not at a later wait.</summary>
    public const string SynchronousVariable = "GPTGEN_CUDA_SYNC";

    private const string WhatIsLost = "What was on the GPU is lost, the last checkpoint is not.";

    /// <summary>Whether each launch waits for its end.</summary>
    public static readonly bool Synchronous = Environment.GetEnvironmentVariable(SynchronousVariable) == "1";

    /// <summary>Throws unless a call of the driver succeeded.</summary>
    /// <param name="status">What the call returned.</param>
    /// <param name="call">The function's name.</param>
    /// <param name="operation">What it was called for, as an operator's name.</param>
    /// <exception cref="GptGenException">The call failed.</exception>
    public static void Check(CUResult status, string call, string operation)
    {
        if (status != CUResult.Success)
            Throw(call, operation, Describe(status), Remedy(status));
    }

    /// <inheritdoc cref="Check(CUResult, string, string)"/>
    public static void Check(CublasStatus status, string call, string operation)
    {
        if (status != CublasStatus.Success)
            Throw(call, operation, Name(status), Remedy(status));
    }

    /// <inheritdoc cref="Check(CUResult, string, string)"/>
    public static void Check(nvrtcResult status, string call, string operation)
    {
        if (status != nvrtcResult.Success)
            Throw(
                call, operation, $"{NVRTCNativeMethods.nvrtcGetErrorString(status)} ({(int)status})",
                "Reinstall NVRTC; 'gptgen doctor' shows which one is used.");
    }

    [DoesNotReturn]
    private static void Throw(string call, string operation, string status, string remedy) =>
        throw new GptGenException($"{call} failed in {operation}: {status}. {remedy}");

    /// <summary>The driver's own name and text of a status.</summary>
    private static string Describe(CUResult status)
    {
        IntPtr name = 0, text = 0;
        if (DriverAPINativeMethods.ErrorHandling.cuGetErrorName(status, ref name) != CUResult.Success || name == 0)
            return $"status {(int)status}";
        DriverAPINativeMethods.ErrorHandling.cuGetErrorString(status, ref text);
        return $"{Marshal.PtrToStringUTF8(name)} ({(int)status}{(text == 0 ? "" : $", {Marshal.PtrToStringUTF8(text)}")})";
    }

    private static string Remedy(CUResult status) => status switch
    {
        CUResult.ErrorOutOfMemory => "Use a smaller batch or model, or end other programs that use the GPU.",
        CUResult.ErrorNoDevice =>
            "The driver is there but shows no GPU: check CUDA_VISIBLE_DEVICES, and start a container with '--gpus all'. " + LibraryAdvice.CpuWorks,
        CUResult.ErrorStubLibrary =>
            "The library is the toolkit's stub, not a driver: take its folder out of LD_LIBRARY_PATH and install the driver. "
                + LibraryAdvice.CpuWorks,
        CUResult.ErrorSystemDriverMismatch =>
            "The driver's library and its kernel module have different versions: restart the machine. " + LibraryAdvice.CpuWorks,
        CUResult.ErrorCompatNotSupportedOnDevice =>
            "The compatibility library (cuda-compat) does not serve this GPU: remove it and update the driver. " + LibraryAdvice.CpuWorks,
        CUResult.ErrorSystemNotReady => "A service of the driver (nvidia-fabricmanager) does not run yet: start it. " + LibraryAdvice.CpuWorks,
        CUResult.ErrorNoBinaryForGPU or CUResult.ErrorInvalidPtx or CUResult.UnsupportedPTXVersion =>
            "The driver is older than the compiler of the kernels: update the driver.",
        CUResult.ErrorIllegalAddress or CUResult.ErrorMisalignedAddress or CUResult.ErrorLaunchFailed or CUResult.ErrorLaunchTimeout
            when !Synchronous =>
            $"A kernel before this call failed: set {SynchronousVariable}=1 to see which. {WhatIsLost}",
        CUResult.ErrorIllegalAddress or CUResult.ErrorMisalignedAddress or CUResult.ErrorLaunchFailed or CUResult.ErrorLaunchTimeout =>
            $"The kernel failed; please report it. {WhatIsLost}",
        CUResult.ErrorUnknown => "Restart the program; when it stays so, restart the machine or reload the driver.",
        _ => "'gptgen doctor' tests the installation.",
    };

    /// <summary>The name in cuBLAS's reference; its libraries of version 11 and before could not tell it.</summary>
    private static string Name(CublasStatus status) => status switch
    {
        CublasStatus.NotInitialized => "CUBLAS_STATUS_NOT_INITIALIZED (1)",
        CublasStatus.AllocFailed => "CUBLAS_STATUS_ALLOC_FAILED (3)",
        CublasStatus.InvalidValue => "CUBLAS_STATUS_INVALID_VALUE (7)",
        CublasStatus.ArchMismatch => "CUBLAS_STATUS_ARCH_MISMATCH (8)",
        CublasStatus.MappingError => "CUBLAS_STATUS_MAPPING_ERROR (11)",
        CublasStatus.ExecutionFailed => "CUBLAS_STATUS_EXECUTION_FAILED (13)",
        CublasStatus.InternalError => "CUBLAS_STATUS_INTERNAL_ERROR (14)",
        CublasStatus.NotSupported => "CUBLAS_STATUS_NOT_SUPPORTED (15)",
        CublasStatus.LicenseError => "CUBLAS_STATUS_LICENSE_ERROR (16)",
        _ => $"status {(int)status}",
    };

    private static string Remedy(CublasStatus status) => status switch
    {
        CublasStatus.NotInitialized or CublasStatus.AllocFailed =>
            "The GPU's memory is probably full: use a smaller batch, or end other programs that use the GPU.",
        CublasStatus.ArchMismatch or CublasStatus.NotSupported =>
            "This cuBLAS does not serve this GPU or type: install a newer one; 'gptgen doctor' shows which one is used.",
        CublasStatus.ExecutionFailed when !Synchronous =>
            $"A kernel before this call may have failed: set {SynchronousVariable}=1 to see which. {WhatIsLost}",
        CublasStatus.ExecutionFailed => $"The product failed; please report it. {WhatIsLost}",
        _ => "'gptgen doctor' tests the installation.",
    };
}
