using GptGen.Generator.Spec;

namespace GptGen.Generator.Emit;

/// <summary>
/// Notes what generated code declares, from the lines that declare it, so that no second list of names exists. Every generated member
/// begins with its accessibility; members of nested types that nobody can add to are not noted.
/// </summary>
internal sealed class DeclarationLog(ModelSpec spec)
{
    private const string PartialClass = " partial class ";
    private static readonly string[] Accessibilities = ["public ", "private ", "internal ", "protected "];
    private static readonly string[] Types = [" class ", " struct ", " interface ", " enum ", " record "];

    /// <summary>What a name ends before: parameters, an accessor list, a value or body, bases.</summary>
    private static readonly string[] Ends = ["(", " {", " =", " :", ";"];

    private readonly Stack<string?> containers = new();
    private readonly List<DeclaredMember> members = [];

    /// <summary>What was declared, a class of several parts once for each.</summary>
    public IReadOnlyList<DeclaredMember> Members => members;

    public void Line(string line)
    {
        if (containers.Count > 0 && containers.Peek() is { } container
            && Accessibilities.Any(word => line.StartsWith(word, StringComparison.Ordinal)))
            members.Add(Read(container, line));
    }

    /// <summary>A block begins: the model's class, a class within it, or anything else.</summary>
    public void Enter(string header) =>
        containers.Push(containers.Count == 0 ? "" : containers.Peek() is "" && header.Contains(PartialClass) ? NameOf(header) : null);

    public void Leave() => containers.Pop();

    private DeclaredMember Read(string container, string line)
    {
        var name = NameOf(line);
        if (Types.Any(word => line.IndexOf(word, 0, EndOf(line), StringComparison.Ordinal) >= 0))
            return new(container, name, line.Contains(PartialClass) ? MemberKind.PartialClass : MemberKind.Type, 0, "");
        if (line[EndOf(line)] != '(')
            return new(container, name, MemberKind.Other, 0, "");
        var isConstructor = name == (container.Length == 0 ? spec.PlainName : container);
        return new(container, isConstructor ? DeclaredMember.Constructor : name, MemberKind.Method, 0, ParametersOf(line));
    }

    private string ParametersOf(string line)
    {
        var begin = EndOf(line) + 1;
        var parameters = line.Substring(begin, line.IndexOf(')', begin) - begin);
        if (parameters.Length == 0)
            return "";
        var types = parameters.Split([", "], StringSplitOptions.None).Select(parameter => parameter.Substring(0, parameter.LastIndexOf(' ')));
        return string.Join(", ", types.Select(type => type == spec.Name ? spec.QualifiedName : type));
    }

    private static string NameOf(string line)
    {
        var begin = line.Substring(0, EndOf(line));
        return begin.Substring(begin.LastIndexOf(' ') + 1).TrimStart('@');
    }

    private static int EndOf(string line) =>
        Ends.Select(end => line.IndexOf(end, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(line.Length).Min();
}
