using Microsoft.CodeAnalysis;

namespace GptGen.Generator.Spec;

/// <summary>What parsing one class gave.</summary>
/// <param name="Model">The specification, or null when it is wrong.</param>
/// <param name="Diagnostics">What is wrong.</param>
internal sealed record ParsedSpec(ModelSpec? Model, IReadOnlyList<Diagnostic> Diagnostics);
