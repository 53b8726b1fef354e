using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>One file of generated code.</summary>
/// <param name="Name">Unique name: "Namespace.Class.Concern.g.cs".</param>
/// <param name="Text">Its text.</param>
/// <param name="Members">What it declares.</param>
internal sealed record GeneratedFile(string Name, string Text, EquatableArray<DeclaredMember> Members);
