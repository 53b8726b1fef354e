using GptGen.Generator.Architectures;
using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>The part of a model's description that says how its family's files look.</summary>
internal static class FilesEmitter
{
    public static void Emit(SourceWriter writer, ModelSpec spec) => EmitNaming(writer, Architecture.ByAttribute[spec.Attribute].Naming(spec));

    private static void EmitNaming(SourceWriter writer, FileNaming naming)
    {
        writer.Line("Naming = new()").Line("{");
        writer.Indented(() =>
        {
            Member("Prefix", naming.Prefix.Length == 0 ? "" : Text(naming.Prefix));
            Member("LayerPrefix", naming.LayerPrefix.Length == 0 ? "" : Text(naming.LayerPrefix));
            List("Heads", naming.Heads.Select(Text));
            List("TokenTensors", naming.TokenTensors.Select(Text));
            List("Copies", naming.Copies.Select(Pair));
            List("Aliases", naming.Aliases.Select(Pair));
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
