namespace ManagedCuda.BasicTypes;

// Handles and numbers of the driver's interface (CUDA driver API reference, "Data types used by CUDA driver"). Each is what C passes: one
// pointer or one integer. Their names are those of ManagedCuda, so that the code above compiles against either.

/// <summary>C's <c>size_t</c>.</summary>
internal readonly struct SizeT(nuint value)
{
    private readonly nuint value = value;

    public static implicit operator SizeT(int value) => new((nuint)value);

    public static implicit operator SizeT(long value) => new((nuint)value);

    public static implicit operator SizeT(ulong value) => new((nuint)value);

    public static implicit operator long(SizeT size) => (long)size.value;

    public static implicit operator ulong(SizeT size) => size.value;
}

/// <summary>An address in the GPU's memory.</summary>
internal struct CUdeviceptr(SizeT pointer)
{
    public SizeT Pointer = pointer;
}

internal struct CUdevice
{
    public int Pointer;
}

internal struct CUcontext
{
    public IntPtr Pointer;
}

internal struct CUstream
{
    public IntPtr Pointer;
}

internal struct CUmodule
{
    public IntPtr Pointer;
}

internal struct CUfunction
{
    public IntPtr Pointer;
}

internal struct CUevent
{
    public IntPtr Pointer;
}

internal struct CUgraph
{
    public IntPtr Pointer;
}

internal struct CUgraphExec
{
    public IntPtr Pointer;
}

internal struct CUgraphNode
{
    public IntPtr Pointer;
}

/// <summary>Why a graph could not take the place of another.</summary>
internal struct CUgraphExecUpdateResultInfo
{
    public CUgraphExecUpdateResult result;
    public CUgraphNode errorNode;
    public CUgraphNode errorFromNode;
}
