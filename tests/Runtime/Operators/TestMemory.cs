using GptGen.Reference;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>Tensors of a test on any device: each in an arena of its own, in f64 where the device holds f64.</summary>
/// <param name="device">The device.</param>
/// <param name="isBFloat16">Roles whose numbers begin as bf16, so that the reference begins with those of a device that keeps bf16.</param>
internal sealed class TestMemory(Device device, Func<BufferRole, bool>? isBFloat16 = null) : IDisposable
{
    // Also keeps them from the garbage collector while a device works on their bare addresses.
    private readonly List<Arena> arenas = [];

    public Location Numbers(double[] values, BufferRole role = BufferRole.Activation)
    {
        var arena = Allocate(role, values.Length);
        if (isBFloat16?.Invoke(role) == true)
            values = Array.ConvertAll(values, ToBFloat16);
        if (arena is ReferenceArena reference)
            reference.WriteDouble(0, values);
        else
            arena.Write(0, Array.ConvertAll(values, value => (float)value));
        return arena.At(0);
    }

    public Integers Integers(params int[] values)
    {
        var arena = Allocate(BufferRole.Token, values.Length);
        arena.Write(0, values);
        return new(arena.At(0), values.Length);
    }

    public Rows<TWidth> Rows<TWidth>(double[] values, BufferRole role = BufferRole.Activation)
        where TWidth : struct, IDimension =>
        new(Numbers(values, role), values.Length / TWidth.Stored);

    public Matrix<TOut, TIn> Matrix<TOut, TIn>(double[] values, BufferRole role = BufferRole.Parameter)
        where TOut : struct, IDimension
        where TIn : struct, IDimension =>
        new(Numbers(values, role));

    public Vector<TSize> Vector<TSize>(double[] values, BufferRole role = BufferRole.Parameter)
        where TSize : struct, IDimension =>
        new(Numbers(values, role));

    public Statistics Statistics(int count) => Statistics(new double[count]);

    public Statistics Statistics(double[] values) => new(Numbers(values, BufferRole.Statistic), values.Length);

    public static double[] Read(Location location)
    {
        var values = new double[location.Arena.Elements - location.Offset];
        if (location.Arena is ReferenceArena reference)
        {
            reference.ReadDouble(location.Offset, values);
            return values;
        }

        var numbers = new float[values.Length];
        location.Arena.Read(location.Offset, numbers);
        return Array.ConvertAll(numbers, number => (double)number);
    }

    /// <summary>Numbers between -1 and 1 that f32 holds exactly, so that every device begins with the same.</summary>
    public static double[] Random(int seed, int count)
    {
        var random = new Random(seed);
        var values = new double[count];
        for (var i = 0; i < count; i++)
            values[i] = random.NextSingle() * 2 - 1;
        return values;
    }

    /// <summary>The nearest bf16 number, of two equally near ones the even one.</summary>
    public static double ToBFloat16(double value)
    {
        var bits = BitConverter.SingleToUInt32Bits((float)value);
        return double.IsNaN(value) ? value : BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }

    public void Dispose() => arenas.ForEach(arena => arena.Dispose());

    private Arena Allocate(BufferRole role, int elements)
    {
        var arena = device.Allocate(role, elements);
        arenas.Add(arena);
        return arena;
    }
}
