namespace GptGen.Generator.Spec;

/// <summary>What a member is, as far as that decides whether two of one name can stand side by side.</summary>
internal enum MemberKind
{
    Method,
    Type,

    /// <summary>A nested class of which there may be another part.</summary>
    PartialClass,

    /// <summary>A field, a property or an event.</summary>
    Other,
}

/// <summary>A member as source declares it, be it the author's or the generator's.</summary>
/// <param name="Container">The nested class that it belongs to; empty for the model's class itself.</param>
/// <param name="Name">Its name; a constructor's is <see cref="Constructor"/>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Arity">Number of type parameters.</param>
/// <param name="Parameters">A method's parameter types, fully qualified.</param>
internal sealed record DeclaredMember(string Container, string Name, MemberKind Kind, int Arity, string Parameters)
{
    /// <summary>The name of constructors.</summary>
    public const string Constructor = ".ctor";

    /// <summary>Whether one class cannot hold both.</summary>
    public bool ClashesWith(DeclaredMember other)
    {
        if (Container != other.Container || Name != other.Name)
            return false;
        if (Kind == MemberKind.Method && other.Kind == MemberKind.Method)
            return Arity == other.Arity && Parameters == other.Parameters;
        var areTypes = IsType && other.IsType;
        return !areTypes || (Arity == other.Arity && (Kind == MemberKind.Type || other.Kind == MemberKind.Type));
    }

    /// <summary>The member as messages name it.</summary>
    public string Describe(string className)
    {
        var name = Name == Constructor ? $"{(Container.Length == 0 ? className : Container)}({Parameters.Replace("global::", "")})" : Name;
        return Container.Length == 0 || Name == Constructor ? name : $"{Container}.{name}";
    }

    private bool IsType => Kind is MemberKind.Type or MemberKind.PartialClass;
}
