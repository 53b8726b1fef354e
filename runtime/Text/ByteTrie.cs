namespace GptGen.Text;

/// <summary>Byte strings as a tree, in which those are found that a text begins with.</summary>
internal sealed class ByteTrie
{
    /// <summary>The node from which every search begins.</summary>
    public const int Root = 0;

    private readonly Dictionary<(int Node, byte Value), int> _children = [];
    private readonly Dictionary<int, int> _values = [];

    /// <summary>The bytes that strings begin with.</summary>
    public IEnumerable<byte> First => _children.Keys.Where(static key => key.Node == Root).Select(static key => key.Value);

    /// <summary>Adds a string.</summary>
    /// <param name="key">The string.</param>
    /// <param name="value">What is found for it.</param>
    /// <returns>Whether it is new; the value of a string that was there stays.</returns>
    public bool Add(ReadOnlySpan<byte> key, int value)
    {
        var node = Root;
        foreach (var next in key)
        {
            if (!_children.TryGetValue((node, next), out var child))
                _children.Add((node, next), child = _children.Count + 1);
            node = child;
        }

        return _values.TryAdd(node, value);
    }

    /// <summary>Goes on from a node by a byte.</summary>
    /// <returns>Whether strings go on so; otherwise the node is not to be used any more.</returns>
    public bool Step(ref int node, byte next) => _children.TryGetValue((node, next), out node);

    /// <summary>The value of the string that ends in a node, if one does.</summary>
    public bool TryGet(int node, out int value) => _values.TryGetValue(node, out value);

    /// <summary>The longest string that a text begins with.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">The string's length; 0 where there is none.</param>
    /// <param name="value">Its value.</param>
    public bool TryFindLongest(ReadOnlySpan<byte> text, out int length, out int value)
    {
        (length, value) = (0, 0);
        var node = Root;
        for (var at = 0; at < text.Length && Step(ref node, text[at]); at++)
        {
            if (TryGet(node, out var found))
                (length, value) = (at + 1, found);
        }

        return length > 0;
    }
}
