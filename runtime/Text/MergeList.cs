namespace GptGen.Text;

/// <summary>The merges of a vocabulary in the order in which they were learned, held to its tokens.</summary>
/// <param name="numbers">The vocabulary.</param>
/// <param name="capacity">About how many will come.</param>
internal sealed class MergeList(TokenNumbers numbers, int capacity)
{
    private readonly HashSet<int> _made = new(capacity);

    /// <summary>What two neighbours merge into.</summary>
    public MergeTable Table { get; } = new(capacity);

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a merge gives the token.</summary>
    public bool Makes(int token) => _made.Contains(token);

    /// <summary>Adds the next merge.</summary>
    /// <param name="left">The name of the left token.</param>
    /// <param name="right">The name of the right token.</param>
    /// <param name="place">Where it stands, for messages.</param>
    /// <exception cref="GptGenException">The two or their union are no tokens, or the merge is there already.</exception>
    public void Add(string left, string right, string place)
    {
        if (!numbers.TryGet(left, out var leftToken) || !numbers.TryGet(right, out var rightToken) || !numbers.TryGet(left + right, out var merged))
            throw NoPair($"{left} {right}", place);
        if (!Table.TryAdd(leftToken, rightToken, new(Count, merged)))
        {
            throw new GptGenException(
                $"{place}: '{MessageText.Shorten($"{left} {right}")}' is there already further up, and which of the two counts is open: "
                + "remove one, or download the file again.");
        }

        _made.Add(merged);
        Count++;
    }

    /// <summary>The mistake of a line or an entry that is no merge.</summary>
    public static GptGenException NoPair(string text, string place) => new(
        $"{place}: '{MessageText.Shorten(text)}' is not a pair of tokens whose union is one: the file does not belong to its vocabulary; "
        + "download both again.");
}
