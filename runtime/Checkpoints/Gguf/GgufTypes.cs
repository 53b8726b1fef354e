using System.Globalization;

namespace GptGen.Checkpoints.Gguf;

/// <summary>Numbers of the GGUF format (ggml's docs/gguf.md, version 3).</summary>
internal static class GgufFormat
{
    /// <summary>The version that is written; 2 has the same layout.</summary>
    internal const uint Version = 3;

    /// <summary>Tensors begin at a multiple of this where no key says otherwise.</summary>
    internal const int Alignment = 32;

    internal const string AlignmentKey = "general.alignment";
    internal const string ArchitectureKey = "general.architecture";

    /// <summary>The architecture that is written and read: GPT-2's.</summary>
    internal const string Gpt2 = "gpt2";

    /// <summary>What a file begins with.</summary>
    internal static ReadOnlySpan<byte> Magic => "GGUF"u8;
}

/// <summary>What a value of the metadata is.</summary>
internal enum GgufValueType : uint
{
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    Float32,
    Bool,
    String,
    Array,
    UInt64,
    Int64,
    Float64,
}

/// <summary>How tensors are stored.</summary>
internal static class GgufTensorTypes
{
    private static readonly (ElementType Type, uint Number, uint FileType)[] s_known =
    [
        (ElementType.F32, 0, 0), (ElementType.F16, 1, 1), (ElementType.Q8_0, 8, 7), (ElementType.IQ4_NL, 20, 25),
        (ElementType.BF16, 30, 32),
    ];

    // Those that people have: for messages.
    private static readonly Dictionary<uint, string> s_names = new()
    {
        [2] = "Q4_0", [3] = "Q4_1", [6] = "Q5_0", [7] = "Q5_1", [9] = "Q8_1", [10] = "Q2_K", [11] = "Q3_K", [12] = "Q4_K", [13] = "Q5_K",
        [14] = "Q6_K", [15] = "Q8_K", [16] = "IQ2_XXS", [17] = "IQ2_XS", [18] = "IQ3_XXS", [19] = "IQ1_S", [21] = "IQ3_S",
        [22] = "IQ2_S", [23] = "IQ4_XS", [24] = "I8", [25] = "I16", [26] = "I32", [27] = "I64", [28] = "F64", [29] = "IQ1_M", [34] = "TQ1_0",
        [35] = "TQ2_0", [39] = "MXFP4",
    };

    /// <summary>The type of a number in a file; null where it is not read.</summary>
    internal static ElementType? Find(uint number) =>
        Array.Find(s_known, known => known.Number == number) is { } found && found.Number == number ? found.Type : null;

    /// <summary>The number of a type.</summary>
    internal static uint Number(ElementType type) => Array.Find(s_known, known => known.Type == type).Number;

    /// <summary>What <c>general.file_type</c> says of a file of this type.</summary>
    internal static uint FileType(ElementType type) => Array.Find(s_known, known => known.Type == type).FileType;

    /// <summary>What a type is called, known or not.</summary>
    internal static string Name(uint number) =>
        Find(number)?.ToString() ?? s_names.GetValueOrDefault(number) ?? number.ToString(CultureInfo.InvariantCulture);
}
