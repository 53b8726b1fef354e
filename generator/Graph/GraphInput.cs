namespace GptGen.Generator.Graph;

/// <summary>What an input is made of; the names are those of the runtime's views.</summary>
internal enum InputKind
{
    Integers,
    Statistics,
}

/// <summary>
/// Something that the host gives to a graph, or reads from it: ids, lengths, weights, losses. The generated code declares it where it is used.
/// </summary>
/// <param name="Name">The generated property, by which the runtime's class knows it.</param>
/// <param name="Kind">What it is made of.</param>
/// <param name="Extent">What there is one of.</param>
/// <param name="Summary">What it is, for the generated documentation.</param>
/// <param name="PerExtent">How many there are for each one.</param>
internal sealed record GraphInput(string Name, InputKind Kind, Extent Extent, string Summary, int PerExtent = 1)
{
    /// <summary>Characters of a word, its marks and padding included; every published model has as many.</summary>
    public const int CharactersPerToken = 50;

    public static readonly GraphInput Tokens = new("Tokens", InputKind.Integers, Extent.Row, "Token ids, one a row.");
    public static readonly GraphInput Positions = new("Positions", InputKind.Integers, Extent.Row, "Positions, one a row.");
    public static readonly GraphInput Lengths = new("Lengths", InputKind.Integers, Extent.Sequence, "Rows that count, one number a sequence.");

    public static readonly GraphInput DirectedTokens = new(
        "DirectedTokens", InputKind.Integers, Extent.DirectedRow,
        "Token ids, of the rows that are read forward, then of those that are read backward.");

    public static readonly GraphInput Characters = new(
        "Characters", InputKind.Integers, Extent.Row, "The characters of the words, as many for each row.", CharactersPerToken);

    public static readonly GraphInput DirectedCharacters = Characters with
    {
        Name = "DirectedCharacters",
        Extent = Extent.DirectedRow,
        Summary = "The characters of the words, as many for each of the rows that are read forward, then of those that are read backward.",
    };

    public static readonly GraphInput Distances = new(
        "Distances", InputKind.Integers, Extent.Distance, "How far a row is from those before it, up to the model's longest distance.");

    public static readonly GraphInput SourceTokens = new("SourceTokens", InputKind.Integers, Extent.SourceRow, "The sources' token ids, one a row.");

    public static readonly GraphInput SourcePositions = new(
        "SourcePositions", InputKind.Integers, Extent.SourceRow, "Positions in the sources, one a row.");

    public static readonly GraphInput SourceLengths = new(
        "SourceLengths", InputKind.Integers, Extent.Sequence, "Rows of each source that count, one number a sequence.");

    /// <summary>How many rows of each sequence count, of rows of some extent.</summary>
    public static GraphInput LengthsOf(Extent extent) => extent == Extent.SourceRow ? SourceLengths : Lengths;
}
