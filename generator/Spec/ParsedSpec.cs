using GptGen.Generator.Diagnostics;
using GptGen.Generator.Emit;
using Microsoft.CodeAnalysis;

namespace GptGen.Generator.Spec;

/// <summary>What parsing one class gave.</summary>
/// <param name="Model">The specification, which says whether it is valid; null when another attribute of the class stands for it.</param>
/// <param name="Diagnostics">What is wrong.</param>
/// <param name="ClassName">Where the class's name stands.</param>
/// <param name="MemberNames">Where the names of <see cref="ModelSpec.Members"/> stand.</param>
internal sealed record ParsedSpec(ModelSpec? Model, IReadOnlyList<Diagnostic> Diagnostics, Location ClassName, IReadOnlyList<Location> MemberNames)
{
    /// <summary>What only generating the model showed, at the author's lines.</summary>
    public IEnumerable<Diagnostic> Locate(GeneratedModel generated)
    {
        var name = generated.Model.PlainName;
        if (generated.Failure is { } failure)
            yield return Diagnostic.Create(Descriptors.GeneratorFailure, ClassName, name, failure);
        if (generated.Clashes.ClassName)
            yield return Diagnostic.Create(Descriptors.ClassNameClash, ClassName, name, "the generator adds a member of that name to it");
        foreach (var index in generated.Clashes.Members)
        {
            yield return Diagnostic.Create(
                Descriptors.MemberClash, MemberNames[index], generated.Model.Members[index].Describe(name), $"the generator adds to '{name}'");
        }
    }
}
