namespace GptGen.Runtime.Tests.Operators;

// Odd sizes, so that a vector body without a correct tail shows.

internal readonly struct Width15 : IDimension
{
    public static int Size => 15;

    public static int Stored => 15;
}

internal readonly struct Width7 : IDimension
{
    public static int Size => 7;

    public static int Stored => 7;
}

internal readonly struct Width1 : IDimension
{
    public static int Size => 1;

    public static int Stored => 1;
}

internal readonly struct Context9 : IDimension
{
    public static int Size => 9;

    public static int Stored => 9;
}

internal readonly struct PaddedVocabulary : IDimension
{
    public static int Size => 11;

    public static int Stored => 16;
}
