namespace GptGen;

/// <summary>What an input of a graph is made of.</summary>
public enum InputKind
{
    /// <summary>32-bit integers.</summary>
    Integers,

    /// <summary>Numbers of at least f32.</summary>
    Statistics,
}

/// <summary>What an input of a graph has at most one of.</summary>
public enum InputExtent
{
    /// <summary>A row.</summary>
    Row,

    /// <summary>A sequence.</summary>
    Sequence,

    /// <summary>A row of a source that is translated.</summary>
    SourceRow,

    /// <summary>A distance between rows that see each other.</summary>
    Distance,

    /// <summary>A row and direction: first of all rows that are read forward, then of those that are read backward.</summary>
    DirectedRow,

    /// <summary>A graph.</summary>
    Graph,
}

/// <summary>Something that the host gives to a graph, or reads from it, as the generated code lists it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is made of.</param>
/// <param name="Extent">What there is at most one of.</param>
/// <param name="Each">How many there are for each one.</param>
public sealed record GraphInput(string Name, InputKind Kind, InputExtent Extent, int Each = 1)
{
    /// <summary>The integers that the inputs of a graph take, for some rows, sequences, rows of sources and distances.</summary>
    public static nint CountIntegers(IEnumerable<GraphInput> inputs, int rows, int sequences, int sourceRows = 0, int distances = 0) => checked(
        (nint)inputs.Where(input => input.Kind == InputKind.Integers).Sum(input => (long)input.Count(rows, sequences, sourceRows, distances)));

    /// <summary>The most elements of it.</summary>
    internal int Count(int rows, int sequences, int sourceRows, int distances) => checked(Each * Extent switch
    {
        InputExtent.Row => rows,
        InputExtent.Sequence => sequences,
        InputExtent.SourceRow => sourceRows,
        InputExtent.DirectedRow => checked(2 * rows),
        InputExtent.Graph => 1,
        _ => distances,
    });
}

/// <summary>The inputs of a graph on the device, one behind the other as the generated code lists them.</summary>
internal sealed class InputBuffer : IDisposable
{
    /// <summary>With more integers than these it no longer matters how many copies bring them.</summary>
    private const int MostPackedIntegers = 1024;

    private readonly IReadOnlyList<GraphInput> inputs;
    private readonly nint[] starts;
    private readonly Arena integers;
    private readonly Arena numbers;

    /// <summary>Where integers lie in a pass whose inputs are packed, and what they are; empty outside of one.</summary>
    private readonly nint[] packedStarts;
    private readonly int[] packed;
    private int packedCount;

    /// <summary>Allocates room for so many rows, sequences, rows of sources and distances.</summary>
    internal InputBuffer(Device device, IReadOnlyList<GraphInput> inputs, int rows, int sequences, int sourceRows = 0, int distances = 0)
    {
        this.inputs = inputs;
        starts = new nint[inputs.Count];
        Span<nint> ends = [0, 0];
        for (var index = 0; index < inputs.Count; index++)
        {
            ref var end = ref ends[(int)inputs[index].Kind];
            starts[index] = end;
            end += inputs[index].Count(rows, sequences, sourceRows, distances);
        }

        packedStarts = new nint[inputs.Count];
        packed = new int[(int)Math.Min(MostPackedIntegers, ends[(int)InputKind.Integers])];
        integers = device.AllocateIndices(ends[(int)InputKind.Integers]);
        numbers = device.Allocate(BufferRole.Statistic, ends[(int)InputKind.Statistics]);
    }

    /// <summary>The input at a place of the list.</summary>
    internal Integers Integers(int index, int count) => new(integers.At((packedCount > 0 ? packedStarts : starts)[index]), count);

    /// <inheritdoc cref="Integers"/>
    internal Statistics Statistics(int index, int count) => new(numbers.At(starts[index]), count);

    /// <summary>The input of a name.</summary>
    internal Statistics Statistics(string name, int count) => new(numbers.At(StartOf(name)), count);

    /// <summary>Whether the graph has an input of a name.</summary>
    internal bool Has(string name) => Find(name) >= 0;

    /// <summary>How many there are of an input for each that it has one of.</summary>
    internal int Each(string name) => inputs[Find(name)].Each;

    internal void Write(string name, ReadOnlySpan<int> values)
    {
        if (packedCount > 0)
            values.CopyTo(packed.AsSpan((int)packedStarts[Find(name)]));
        else
            integers.Write(StartOf(name), values);
    }

    /// <summary>
    /// Begins a pass of so many rows and sequences, whose integers lie directly behind one another where they are few: those that are written are
    /// sent at once. For graphs that write all that a pass reads. The pass ends with the disposal.
    /// </summary>
    internal Packing Pack(int rows, int sequences)
    {
        nint end = 0;
        for (var index = 0; index < inputs.Count; index++)
        {
            packedStarts[index] = end;
            if (inputs[index].Kind == InputKind.Integers)
                end += inputs[index].Count(rows, sequences, 0, 0);
        }

        packedCount = end <= packed.Length ? (int)end : 0;
        return new(this);
    }

    internal void Write(string name, ReadOnlySpan<float> values) => numbers.Write(StartOf(name), values);

    internal void Read(string name, Span<float> values) => numbers.Read(StartOf(name), values);

    public void Dispose()
    {
        integers.Dispose();
        numbers.Dispose();
    }

    /// <summary>A pass whose integers are packed.</summary>
    internal readonly ref struct Packing(InputBuffer inputs)
    {
        /// <summary>Sends what was written.</summary>
        public void Send()
        {
            if (inputs.packedCount > 0)
                inputs.integers.Write(0, inputs.packed.AsSpan(0, inputs.packedCount));
        }

        /// <summary>Ends the pass.</summary>
        public void Dispose() => inputs.packedCount = 0;
    }

    private nint StartOf(string name) =>
        Find(name) is >= 0 and var index ? starts[index] : throw new InvalidOperationException($"The graph has no input {name}.");

    private int Find(string name)
    {
        for (var index = 0; index < inputs.Count; index++)
        {
            if (inputs[index].Name == name)
                return index;
        }

        return -1;
    }
}
