using GptGen.Reference;

namespace GptGen.Runtime.Tests.Operators;

/// <summary>Tensors of a test on any device: each in an arena of its own, in f64 where the device holds f64.</summary>
/// <param name="device">The device.</param>
/// <param name="roundsToBf16">Whether all numbers are rounded to bf16, so that a device that holds them so begins with the same ones.</param>
internal sealed class TestMemory(Device device, bool roundsToBf16 = false) : IDisposable
{
    // Also keeps them from the garbage collector while a device works on their bare addresses.
    private readonly List<Arena> arenas = [];

    public Location Numbers(double[] values, BufferRole role = BufferRole.Activation)
    {
        var arena = Allocate(role, values.Length);
        if (roundsToBf16)
            values = Array.ConvertAll(values, RoundToBf16);
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

    public Rows<TWidth> Rows<TWidth>(double[] values)
        where TWidth : struct, IDimension =>
        new(Numbers(values), values.Length / TWidth.Stored);

    public Matrix<TOut, TIn> Matrix<TOut, TIn>(double[] values)
        where TOut : struct, IDimension
        where TIn : struct, IDimension =>
        new(Numbers(values, BufferRole.Parameter));

    public Vector<TSize> Vector<TSize>(double[] values)
        where TSize : struct, IDimension =>
        new(Numbers(values, BufferRole.Parameter));

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

    /// <summary>The nearest number that bf16 has: the upper half of an f32.</summary>
    private static double RoundToBf16(double value) =>
        BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits((float)value) + 0x8000) & 0xffff0000);

    public void Dispose() => arenas.ForEach(arena => arena.Dispose());

    private Arena Allocate(BufferRole role, int elements)
    {
        var arena = device.Allocate(role, elements);
        arenas.Add(arena);
        return arena;
    }
}
