using System.Text;

namespace GptGen.Generator.Emit;

/// <summary>Writes indented lines that end in '\n' on every platform.</summary>
/// <param name="declared">Is told each line and block.</param>
internal sealed class SourceWriter(DeclarationLog declared)
{
    private readonly StringBuilder text = new();
    private int depth;

    /// <summary>How many columns stand before a line's text.</summary>
    public int Indentation => 4 * depth;

    public SourceWriter Line(string line = "")
    {
        declared.Line(line);
        if (line.Length > 0)
            text.Append(' ', Indentation).Append(line);
        text.Append('\n');
        return this;
    }

    /// <summary>A blank line, unless one stands there already.</summary>
    public SourceWriter Gap() => text.Length > 1 && text[text.Length - 1] == '\n' && text[text.Length - 2] == '\n' ? this : Line();

    /// <summary>A documentation comment of one line.</summary>
    public SourceWriter Summary(string summary) => Line($"/// <summary>{summary}</summary>");

    /// <summary>A line, then what <paramref name="content"/> writes between braces.</summary>
    public SourceWriter Block(string header, Action content)
    {
        Line(header).Line("{");
        declared.Enter(header);
        depth++;
        content();
        depth--;
        declared.Leave();
        return Line("}");
    }

    /// <summary>What <paramref name="content"/> writes, one step deeper.</summary>
    public SourceWriter Indented(Action content)
    {
        depth++;
        content();
        depth--;
        return this;
    }

    public override string ToString() => text.ToString();
}
