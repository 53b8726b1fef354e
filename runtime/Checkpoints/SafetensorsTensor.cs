namespace GptGen.Checkpoints;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">The element type as the format writes it: "F32".</param>
/// <param name="Shape">Its dimensions, the slowest first; empty for a single number.</param>
/// <param name="Count">Number of elements.</param>
/// <param name="Offset">First byte, from the beginning of the file.</param>
/// <param name="ByteCount">Number of bytes.</param>
public sealed record SafetensorsTensor(string Name, string Type, IReadOnlyList<long> Shape, long Count, long Offset, long ByteCount)
{
    /// <summary>The shape for messages: "[50257, 768]".</summary>
    public string ShapeText => FormatShape(Shape);

    internal static string FormatShape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The type as one that can be converted to f32, or nothing.</summary>
    internal ElementType? Element => Type switch
    {
        "F32" => ElementType.F32,
        "F16" => ElementType.F16,
        "BF16" => ElementType.BF16,
        "Q8_0" => ElementType.Q8_0,
        "IQ4_NL" => ElementType.IQ4_NL,
        _ => null,
    };
}
