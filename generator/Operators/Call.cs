using GptGen.Generator.Graph;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Operators;

/// <summary>An argument of a call to the device.</summary>
internal abstract record Operand;

/// <summary>An activation, statistic or gradient.</summary>
internal sealed record ValueOperand(Value Value) : Operand;

/// <summary>Some columns of a packed value, by the name of the method that gives them.</summary>
/// <param name="Packed">The value.</param>
/// <param name="Part">"Query", "Key" or "Value"; "Columns" for all.</param>
/// <param name="Width">How many columns.</param>
/// <param name="First">The first of them, where the method asks for it.</param>
internal sealed record SliceOperand(ValueOperand Packed, string Part, Dimension Width, int? First = null) : Operand
{
    /// <summary>The columns of a width that begin with one.</summary>
    public static SliceOperand From(ValueOperand packed, int first, Dimension width) => new(packed, $"Columns<{width.TypeName}>", width, first);
}

/// <summary>A weight or its gradient; null is an absent bias.</summary>
internal sealed record ParameterOperand(Parameter? Parameter, bool Gradient = false) : Operand;

/// <summary>What the host gives or reads.</summary>
internal sealed record InputOperand(GraphInput Input) : Operand;

/// <summary>How a gradient goes to its memory.</summary>
internal enum GradientWriting
{
    /// <summary>An activation's first gradient: written.</summary>
    Overwrite,

    /// <summary>Added to what earlier calls of the same pass left.</summary>
    Add,

    /// <summary>A parameter's first gradient: written, or added to the micro-batches before.</summary>
    Accumulate,
}

/// <summary>How a gradient goes to its memory.</summary>
/// <param name="Writing">How.</param>
/// <param name="OnFirstPass">
/// Whether only the loop's first pass does so; the later ones add, because the layers share what it is the gradient of.
/// </param>
internal sealed record WriteOperand(GradientWriting Writing, bool OnFirstPass = false) : Operand;

/// <summary>A dropout site.</summary>
internal sealed record DropoutOperand(int Site, bool InLayer) : Operand;

/// <summary>What the query at a position sees; the names are those of the runtime's enumeration.</summary>
internal enum AttentionMask
{
    Causal,
    Full,
}

/// <summary>Heads and what their queries see: a member of the generated class.</summary>
/// <param name="Name">The member.</param>
/// <param name="Width">The width that is split into heads.</param>
/// <param name="Count">Number of heads.</param>
/// <param name="Mask">What a query sees.</param>
internal sealed record HeadsOperand(string Name, Dimension Width, int Count, AttentionMask Mask) : Operand;

/// <summary>An activation function.</summary>
internal sealed record ActivationOperand(ActivationKind Kind) : Operand;

/// <summary>A key/value cache of the graph's, that of the current layer.</summary>
/// <param name="Name">The member that gives it.</param>
/// <param name="Arena">The graph's property that is the memory of all layers.</param>
/// <param name="Slots">The property that says how many sequences fit.</param>
/// <param name="Capacity">The property that says how many positions of each.</param>
internal sealed record CacheOperand(string Name, string Arena, string Slots, string Capacity) : Operand;

/// <summary>A member of the graph's class.</summary>
internal sealed record MemberOperand(string Name) : Operand;

/// <summary>Rows of the current layer that outlive a pass and have no gradient, in memory that the runtime's class of the graph has.</summary>
/// <param name="Name">The member that gives them; the runtime's members have this name with Of and RowCount behind it.</param>
/// <param name="Width">Their width.</param>
/// <param name="Place">Which of the layer's rows of that name.</param>
/// <param name="Places">How many there are in each layer.</param>
internal sealed record StateOperand(string Name, Dimension Width, int Place = 0, int Places = 1) : Operand
{
    /// <summary>How many rows inference keeps of it; null where that is not for the graph to say.</summary>
    public Region? Kept { get; init; }
}

/// <summary>Some rows of a value: one of several equal parts.</summary>
/// <param name="Whole">The value.</param>
/// <param name="Index">Which part.</param>
/// <param name="Count">How many parts there are.</param>
internal sealed record PartOperand(ValueOperand Whole, int Index, int Count) : Operand;

/// <summary>All rows that a loop's layers carry, those before the first among them, layer by layer.</summary>
/// <param name="Carried">The carried value, behind its loop.</param>
internal sealed record LayersOperand(ValueOperand Carried) : Operand;

/// <summary>How an LSTM goes through its rows: a member of the generated class.</summary>
/// <param name="Name">The member.</param>
/// <param name="IsBackward">Whether it goes from the last row to the first.</param>
/// <param name="CellClip">Where its cells are clipped; 0 for nowhere.</param>
/// <param name="ProjectionClip">Where its outputs are clipped; 0 for nowhere.</param>
internal sealed record RecurrenceOperand(string Name, bool IsBackward, float CellClip, float ProjectionClip) : Operand;

/// <summary>A matrix of weights, or its gradient, as the vector of all its elements.</summary>
internal sealed record FlattenedOperand(ParameterOperand Matrix, Dimension Size) : Operand;

/// <summary>A number.</summary>
internal sealed record NumberOperand(float Number) : Operand;

/// <summary>A place or a number of columns.</summary>
internal sealed record IndexOperand(int Index) : Operand;

/// <summary>Nothing: a statistic that nobody needs.</summary>
internal sealed record AbsentOperand : Operand;

/// <summary>One call of generated code to the device.</summary>
/// <param name="Method">The device's method.</param>
/// <param name="Operands">Its arguments in order.</param>
/// <param name="Result">The value that it returns, or null.</param>
/// <param name="Heading">A comment line before it, or null.</param>
internal sealed record Call(string Method, IReadOnlyList<Operand> Operands, Value? Result = null, string? Heading = null)
{
    /// <summary>Whether only the layers of its loop above the first make it.</summary>
    public bool IsAboveFirst { get; init; }

    /// <summary>Every value that the call reads or writes, as planned.</summary>
    public IEnumerable<Value> Values => Operands
        .Select(operand => operand switch
        {
            SliceOperand slice => slice.Packed,
            PartOperand part => part.Whole,
            LayersOperand layers => layers.Carried,
            _ => operand,
        }).OfType<ValueOperand>().Select(operand => operand.Value.Planned);

    /// <summary>The same call with another value wherever it reads or writes one.</summary>
    public Call Replacing(Value value, Value by)
    {
        ValueOperand Replace(ValueOperand operand) => operand.Value == value ? new(by) : operand;
        return this with
        {
            Operands =
            [
                .. Operands.Select(operand => operand switch
                {
                    ValueOperand one => Replace(one),
                    SliceOperand slice => slice with { Packed = Replace(slice.Packed) },
                    PartOperand part => part with { Whole = Replace(part.Whole) },
                    _ => operand,
                }),
            ],
        };
    }
}

/// <summary>Calls that run once, or once a layer of a loop.</summary>
/// <param name="Calls">The calls in order.</param>
/// <param name="Loop">The loop that they are the body of; null where they run once.</param>
/// <param name="Position">How many of the graph's sections the forward pass has behind it here.</param>
internal sealed record CallSection(IReadOnlyList<Call> Calls, LoopId? Loop, int Position)
{
    /// <summary>The loop whose last layer they are, where that stands apart.</summary>
    public LoopId? LastOf { get; init; }

    /// <summary>The loop whose layers, or last layer, they are; null where they are no layer.</summary>
    public LoopId? LayerOf => Loop ?? LastOf;
}
