using GptGen.Checkpoints;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Cpu;

/// <summary>
/// Where parameters lie in memory whose matrices are kept in a smaller type than f32, or in panels, which elements of an arena are counted in.
/// </summary>
internal sealed class WeightLayout
{
    private readonly WeightSegment[] segments;

    private WeightLayout(WeightSegment[] segments) => this.segments = segments;

    /// <summary>Bytes of everything.</summary>
    public nint Bytes => segments is [.., var last] ? last.Start + last.Bytes : 0;

    /// <summary>
    /// The layout of a model's parameters: matrices in <paramref name="type"/>, tables of tokens and heads in 8 bits at least, since their roundings
    /// reach the logits undiminished, and in f32 vectors and rows that fill no blocks.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="type">What matrices are kept in.</param>
    /// <param name="panelWidth">With f32, the rows of a panel to keep matrices in.</param>
    public static WeightLayout Of(ModelDescription model, ElementType type, int panelWidth)
    {
        var parameters = model.Parameters.OrderBy(static parameter => parameter.Offset).ToArray();
        var segments = new List<WeightSegment>();
        nint bytes = 0;
        void Add(nint first, nint elements, ElementType kept, PackedPanels panels = default)
        {
            if (elements == 0)
                return;
            var segment = new WeightSegment(first, elements, kept, bytes) { Panels = panels };
            segments.Add(segment);
            bytes += (segment.Bytes + CacheLine.Bytes - 1) / CacheLine.Bytes * CacheLine.Bytes;
        }

        nint end = 0;
        for (var index = 0; index < parameters.Length; index++)
        {
            var parameter = parameters[index];
            Add(end, parameter.Offset - end, ElementType.F32);
            var next = index + 1 < parameters.Length ? parameters[index + 1].Offset : model.ParameterElements;
            end = parameter.Offset + parameter.Count;
            if (!parameter.IsMatrix || (type != ElementType.F32 && parameter.Columns % QuantizedBlocks.Elements != 0))
            {
                Add(parameter.Offset, parameter.Count, ElementType.F32);
                continue;
            }

            // Rows of padding behind the vocabulary belong to the matrix.
            end += (next - end) / parameter.Columns * parameter.Columns;
            nint elements = end - parameter.Offset;
            if (type == ElementType.F32)
                Add(parameter.Offset, elements, type, new(elements / parameter.Columns, parameter.Columns, panelWidth));
            else
                Add(parameter.Offset, elements, IsTable(model, parameter) ? AtLeast8Bits(type) : type);
        }

        Add(end, model.ParameterElements - end, ElementType.F32);
        return new([.. segments]);
    }

    /// <summary>The segment that an element lies in; of the place behind the last one, the last.</summary>
    public ref readonly WeightSegment Find(nint offset)
    {
        var (low, high) = (0, segments.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (segments[middle].First <= offset)
                low = middle;
            else
                high = middle - 1;
        }

        return ref segments[low];
    }

    private static ElementType AtLeast8Bits(ElementType type) => type == ElementType.IQ4_NL ? ElementType.Q8_0 : type;

    private static bool IsTable(ModelDescription model, ParameterInfo parameter) =>
        model.Naming.TokenTensors.Contains(parameter.Name) || model.Naming.IsHead(parameter.Name);
}

/// <summary>Elements one behind the other that are kept in one type.</summary>
/// <param name="First">The first one.</param>
/// <param name="Elements">How many.</param>
/// <param name="Type">Their type.</param>
/// <param name="Start">The first byte.</param>
internal readonly record struct WeightSegment(nint First, nint Elements, ElementType Type, nint Start)
{
    /// <summary>How they lie, if not one behind the other.</summary>
    public PackedPanels Panels { get; init; }

    /// <summary>Whether they lie in panels.</summary>
    public bool IsPacked => Panels.Width > 0;

    /// <summary>Elements that are encoded together.</summary>
    public int Unit => Type.HasBlocks() ? QuantizedBlocks.Elements : 1;

    /// <summary>Bytes of all.</summary>
    public nint Bytes => (nint)Type.BytesOf(IsPacked ? Panels.Floats : Elements);

    /// <summary>The byte where an element begins, or the unit that it is in.</summary>
    public nint ByteOf(nint offset) => Start + (nint)Type.BytesOf(offset - First);

    /// <summary>
    /// How many of some elements from a place on are whole units here or, where the place is inside a unit or none is whole, belong to the same unit.
    /// </summary>
    /// <param name="offset">The place.</param>
    /// <param name="count">The elements.</param>
    /// <param name="inside">How far inside its unit the place is.</param>
    public nint Run(nint offset, nint count, out nint inside)
    {
        inside = (offset - First) % Unit;
        count = Math.Min(count, First + Elements - offset);
        return inside == 0 && count >= Unit ? count / Unit * Unit : Math.Min(count, Unit - inside);
    }
}
