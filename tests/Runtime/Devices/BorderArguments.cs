using System.Reflection;
using GptGen.Runtime.Tests.Operators;
using GptGen.Sampling;
using Argument = System.Reflection.ParameterInfo;

namespace GptGen.Runtime.Tests.Devices;

/// <summary>What is wrong with an argument of an operator.</summary>
internal enum Fault
{
    None,
    Larger,
    Huge,
    Negative,
    Later,
    Smaller,
    OfAnotherDevice,
    DisposedOf,
    OfTheOtherKind,
    ChoosesBelow,
    ChoosesBeyond,
}

/// <summary>Arguments for any operator of a device, each in an arena that just holds it.</summary>
internal sealed class BorderArguments(Device device, Device other) : IDisposable
{
    private const int Count = 6;
    private const int Heads = 4;
    private readonly List<Arena> arenas = [];

    /// <summary>A dimension for each name of the operators' type parameters.</summary>
    public static Type Dimension(Type parameter) => parameter.Name switch
    {
        "TWidth" or "TIn" or "TQuery" or "TCells" or "TWindow" => typeof(Width36),
        "TOut" or "TProjection" or "TCluster" or "THead" => typeof(Width7),
        "TVocabulary" => typeof(PaddedVocabulary),
        "TContext" or "TCount" or "TKey" => typeof(Context9),
        "TScores" or "TLayers" or "TScale" => typeof(Width1),
        "TSize" => typeof(Width36),
        _ => throw new NotSupportedException($"No dimension is known for {parameter.Name}."),
    };

    public object? Create(Argument parameter, Fault fault)
    {
        var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        // Places among a cluster's columns; layers of one direction.
        if (type == typeof(int) && parameter.Name is ("column" or "columns" or "first" or "directions"))
            return 1;
        if (type == typeof(Arena))
            return Memory(BufferRole.Gradient, Count, fault);
        if (type == typeof(Integers))
        {
            var count = parameter.Name == "draws" ? Count * TokenDraw.Words : Count;
            return new Integers(Start(BufferRole.Token, count, fault), Resized(count, fault));
        }

        if (type == typeof(Statistics))
        {
            var count = parameter.Name switch { "logSumExp" => Count * Heads, "places" => Count * Width7.Size, _ => Count };
            return new Statistics(Start(BufferRole.Statistic, count, fault), Resized(count, fault));
        }

        if (type == typeof(SlotCache))
            return new SlotCache(Start(BufferRole.Cache, 2 * Count * Heads * 5 * 3, fault), 2, Resized(Count, fault), Heads, 5, 3);
        return type.IsGenericType ? CreateGeneric(type, parameter.Name == "joined" ? 2 * Count : Count, fault) : CreatePlain(type);
    }

    public void Dispose() => arenas.ForEach(static arena => arena.Dispose());

    private object? CreateGeneric(Type type, int rows, Fault fault)
    {
        var sizes = type.GetGenericArguments().Select(Stored).ToArray();
        var definition = type.GetGenericTypeDefinition();
        if (definition == typeof(Rows<>))
            return Activator.CreateInstance(type, Start(BufferRole.Activation, rows * sizes[0], fault), Resized(rows, fault));
        if (definition == typeof(Columns<>))
        {
            var stride = sizes[0] + 3;
            return Activator.CreateInstance(
                type, Start(BufferRole.Activation, (Count - 1) * stride + sizes[0], fault), Resized(Count, fault), stride);
        }

        if (definition == typeof(Matrix<,>))
            return Activator.CreateInstance(type, Start(BufferRole.Parameter, sizes[0] * sizes[1], fault));
        if (definition == typeof(Vector<>))
            return Activator.CreateInstance(type, Start(BufferRole.Parameter, sizes[0], fault));
        if (definition == typeof(KeyValueCache<>))
            return Activator.CreateInstance(type, Start(BufferRole.Cache, 2 * Count * Count * sizes[0], fault), Resized(Count, fault), Count);
        return Activator.CreateInstance(type, Heads, Heads * sizes[1] / sizes[0], AttentionMask.Causal);
    }

    private static object? CreatePlain(Type type) =>
        type == typeof(AdamWStep) ? new AdamWStep(Count, Count, 0, 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 1f)
        : type == typeof(DropoutSite) ? new Dropout(0.5f, 1, 2, 0).Site(0, 0)
        : type == typeof(float) ? 1e-5f
        : type == typeof(Activation) ? Activation.Relu
        : type == typeof(int) ? Count
        : type == typeof(nint) ? (nint)Count
        : Activator.CreateInstance(type);

    private static int Resized(int count, Fault fault) => fault switch
    {
        Fault.Larger => count + 1,
        Fault.Huge => int.MaxValue,
        Fault.Negative => -1,
        _ => count,
    };

    private Location Start(BufferRole role, int elements, Fault fault) => Memory(role, elements, fault).At(fault == Fault.Later ? 1 : 0);

    private Arena Memory(BufferRole role, int elements, Fault fault)
    {
        var kind = fault != Fault.OfTheOtherKind ? role : role == BufferRole.Token ? BufferRole.Statistic : BufferRole.Token;
        var arena = (fault == Fault.OfAnotherDevice ? other : device).Allocate(kind, fault is Fault.Smaller ? elements - 1 : elements);
        arenas.Add(arena);
        if (fault is Fault.ChoosesBelow or Fault.ChoosesBeyond)
            arena.Write(0, [.. Enumerable.Repeat(fault == Fault.ChoosesBelow ? -7 : 1 << 20, elements)]);
        if (fault == Fault.DisposedOf)
            arena.Dispose();
        return arena;
    }

    private static int Stored(Type dimension) =>
        (int)dimension.GetProperty(nameof(IDimension.Stored), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
}
