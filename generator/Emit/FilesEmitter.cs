using System.Globalization;
using GptGen.Generator.Architectures;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The part of a model's description that says how its family's files look.</summary>
internal static class FilesEmitter
{
    public static void Emit(SourceWriter writer, ModelSpec spec)
    {
        var architecture = Architecture.ByAttribute[spec.Attribute];
        if (architecture.Tokenizer(spec) is { } tokenizer)
            writer.Line($"Tokenizer = {Text(tokenizer)},");
        EmitNaming(writer, architecture.Naming(spec));
        writer.Line("Config =").Line("[");
        writer.Indented(() =>
        {
            foreach (var key in architecture.Config(spec))
                writer.Line($"new({Text(key.Name)}, {Value(key.Value)}){Details(key)},");
        });
        writer.Line("],");
    }

    private static string Details(ConfigKey key)
    {
        var details = new List<string>();
        if (key.IsHeld)
            details.Add("IsHeld = true");
        if (key.Absent is not null)
            details.Add($"Absent = {Value(key.Absent)}");
        if (key.IsNullAbsent)
            details.Add("IsNullAbsent = true");
        if (key.OtherNames.Count > 0)
            details.Add($"OtherNames = [{string.Join(", ", key.OtherNames.Select(Text))}]");
        return details.Count == 0 ? "" : $" {{ {string.Join(", ", details)} }}";
    }

    private static string Value(object? value) => value switch
    {
        null => "null",
        bool flag => Literal.Of(flag),
        int number => number.ToString(CultureInfo.InvariantCulture),
        float number => Literal.Of(number),
        string text => Text(text),
        IEnumerable<int> numbers => $"new global::System.Text.Json.Nodes.JsonArray({string.Join(", ", numbers)})",
        IEnumerable<IReadOnlyList<int>> lists => $"new global::System.Text.Json.Nodes.JsonArray({string.Join(", ", lists.Select(Value))})",
        IEnumerable<bool> flags => $"new global::System.Text.Json.Nodes.JsonArray({string.Join(", ", flags.Select(Literal.Of))})",
        IEnumerable<string> texts => $"new global::System.Text.Json.Nodes.JsonArray({string.Join(", ", texts.Select(Text))})",
        _ => throw new ArgumentException($"config.json has no {value.GetType()}.", nameof(value)),
    };

    private static void EmitNaming(SourceWriter writer, FileNaming naming)
    {
        writer.Line("Naming = new()").Line("{");
        writer.Indented(() =>
        {
            Member("Prefix", naming.Prefix.Length == 0 ? "" : Text(naming.Prefix));
            Member("LayerPrefix", naming.LayerPrefix.Length == 0 ? "" : Text(naming.LayerPrefix));
            List("Heads", naming.Heads.Select(Text));
            List("OptionalParts", naming.OptionalParts.Select(Text));
            List("TokenTensors", naming.TokenTensors.Select(Text));
            List("Copies", naming.Copies.Select(Pair));
            List("Aliases", naming.Aliases.Select(Pair));
            List("ClusterTensors", naming.ClusterTensors.Select(Text));
            List("Ignored", naming.Ignored.Select(Text));
        });
        writer.Line("},");

        void List(string name, IEnumerable<string> items) => Member(name, string.Join(", ", items) is { Length: > 0 } list ? $"[{list}]" : "");

        void Member(string name, string value)
        {
            if (value.Length > 0)
                writer.Line($"{name} = {value},");
        }
    }

    private static string Pair((string Name, string Meaning) alias) => $"new({Text(alias.Name)}, {Text(alias.Meaning)})";

    private static string Text(string text) => $"\"{text}\"";
}
