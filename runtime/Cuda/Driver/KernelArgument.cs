using System.Runtime.CompilerServices;

namespace GptGen.Cuda.Driver;

/// <summary>
/// One argument of a kernel, of up to 8 bytes: an address, an integer or a number. A launch takes them by a span on the stack, so it allocates
/// nothing. The C# type must have the size of the kernel's parameter; the driver reads that many bytes from the first on.
/// </summary>
internal readonly struct KernelArgument
{
    private readonly ulong bits;

    private KernelArgument(ulong bits) => this.bits = bits;

    public static implicit operator KernelArgument(GpuAddress address) => new(address.Value);

    public static implicit operator KernelArgument(int value) => new((uint)value);

    public static implicit operator KernelArgument(uint value) => new(value);

    public static implicit operator KernelArgument(long value) => new((ulong)value);

    public static implicit operator KernelArgument(ulong value) => new(value);

    public static implicit operator KernelArgument(float value) => new(Unsafe.BitCast<float, uint>(value));
}
