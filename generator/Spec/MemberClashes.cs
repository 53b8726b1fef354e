namespace GptGen.Generator.Spec;

/// <summary>Where an author's names and the generator's cannot stand side by side.</summary>
/// <param name="Members">Indices of the specification's members at fault.</param>
/// <param name="ClassName">Whether the class has the name of a member that the generator adds to it.</param>
internal sealed record MemberClashes(EquatableArray<int> Members, bool ClassName)
{
    /// <summary>Compares a class's own members with those of its generated code.</summary>
    public static MemberClashes Find(ModelSpec spec, IReadOnlyList<DeclaredMember> generated)
    {
        var outermost = new HashSet<string>(
            generated.Where(member => member.Container.Length == 0).Select(member => member.Name), StringComparer.Ordinal);

        // In a nested class an author's name also hides the outer class's from the generated code beside it.
        bool Clashes(DeclaredMember own) => generated.Any(own.ClashesWith)
            || (own.Container.Length > 0 && own.Name != DeclaredMember.Constructor && outermost.Contains(own.Name));

        return new(
            new([.. Enumerable.Range(0, spec.Members.Count).Where(index => Clashes(spec.Members[index]))]), outermost.Contains(spec.PlainName));
    }
}
