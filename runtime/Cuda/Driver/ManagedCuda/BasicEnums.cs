namespace ManagedCuda.BasicTypes;

// Constants of cuda.h and library_types.h as far as they are used (CUDA driver API reference, "Data types used by CUDA driver").

/// <summary>What a call of the driver returns.</summary>
internal enum CUResult
{
    Success = 0,
    ErrorOutOfMemory = 2,
    ErrorStubLibrary = 34,
    ErrorNoDevice = 100,
    ErrorInvalidImage = 200,
    ErrorNoBinaryForGPU = 209,
    ErrorInvalidPtx = 218,
    UnsupportedPTXVersion = 222,
    ErrorNotFound = 500,
    ErrorIllegalAddress = 700,
    ErrorLaunchOutOfResources = 701,
    ErrorLaunchTimeout = 702,
    ErrorMisalignedAddress = 716,
    ErrorLaunchFailed = 719,
    ErrorSystemNotReady = 802,
    ErrorSystemDriverMismatch = 803,
    ErrorCompatNotSupportedOnDevice = 804,
    ErrorGraphExecUpdateFailure = 910,
    ErrorUnknown = 999,
}

internal enum CUInitializationFlags : uint
{
    None = 0,
}

internal enum CUDeviceAttribute
{
    MultiProcessorCount = 16,
    L2CacheSize = 38,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    MaxSharedMemoryPerBlockOptin = 97,
}

internal enum CUFunctionAttribute
{
    MaxDynamicSharedSizeBytes = 8,
}

[Flags]
internal enum CUStreamFlags : uint
{
    NonBlocking = 1,
}

[Flags]
internal enum CUEventFlags
{
    Default = 0,
    DisableTiming = 2,
}

[Flags]
internal enum CUMemHostAllocFlags
{
    Portable = 1,
}

internal enum CUstreamCaptureMode
{
    Local = 1,
}

[Flags]
internal enum CUgraphInstantiate_flags : ulong
{
    None = 0,
}

internal enum CUgraphExecUpdateResult
{
    Success = 0,
}

/// <summary>Element types of matrices.</summary>
internal enum cudaDataType
{
    CUDA_R_32F = 0,
    CUDA_R_16F = 2,
    CUDA_R_16BF = 14,
}
