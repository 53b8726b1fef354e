namespace GptGen.Generator.Emit;

/// <summary>One file of generated code.</summary>
/// <param name="Name">Unique name: "Namespace.Class.Concern.g.cs".</param>
/// <param name="Text">Its text.</param>
internal sealed record GeneratedFile(string Name, string Text);
