using System.Globalization;

namespace GptGen.Cuda.Kernels;

/// <summary>
/// A line of a model's manifest, as "LayerNorm 768 [768] [768] 768" or "Activate GeluTanh 3072 3072": an operator, and the widths of its operands'
/// rows and the sizes of its parameters in their order.
/// </summary>
internal sealed class ManifestEntry
{
    private readonly List<int[]> operands = [];

    /// <summary>Reads a line.</summary>
    /// <exception cref="ArgumentException">It is no line of a manifest.</exception>
    public ManifestEntry(string line)
    {
        var words = line.Split(' ');
        Operator = words[0];
        foreach (var word in words.AsSpan(1))
        {
            if (Enum.TryParse<Activation>(word, out var activation) && !char.IsAsciiDigit(word[0]))
                Activation = activation;
            else
                operands.Add(Sizes(word, line));
        }
    }

    /// <summary>The operator's name: a method of <see cref="Device"/>.</summary>
    public string Operator { get; }

    /// <summary>The activation function, where there is one.</summary>
    public Activation Activation { get; }

    /// <summary>Number of operands; absent ones are none.</summary>
    public int OperandCount => operands.Count;

    /// <summary>The width of an operand: the size of its rows, or the last size of a parameter.</summary>
    public int Width(int operand) => operands[operand][^1];

    private static int[] Sizes(string word, string line) =>
        Array.ConvertAll(
            word.Trim('[', ']').Split(','),
            size => int.TryParse(size, CultureInfo.InvariantCulture, out var value) ? value : throw new ArgumentException($"'{line}' is no line of a manifest.", nameof(line)));
}
