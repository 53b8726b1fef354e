namespace GptGen.Runtime.Tests.Operators;

// Odd sizes, so that a vector body without a correct tail shows.

public readonly struct Width15 : IDimension
{
    public static int Size => 15;

    public static int Stored => 15;
}

public readonly struct Width7 : IDimension
{
    public static int Size => 7;

    public static int Stored => 7;
}

public readonly struct Width3 : IDimension
{
    public static int Size => 3;

    public static int Stored => 3;
}

public readonly struct Width30 : IDimension
{
    public static int Size => 30;

    public static int Stored => 30;
}

internal readonly struct Width1 : IDimension
{
    public static int Size => 1;

    public static int Stored => 1;
}

// Multiples of four, but of no wider vector.

public readonly struct Width148 : IDimension
{
    public static int Size => 148;

    public static int Stored => 148;
}

public readonly struct Width36 : IDimension
{
    public static int Size => 36;

    public static int Stored => 36;
}

public readonly struct Context9 : IDimension
{
    public static int Size => 9;

    public static int Stored => 9;
}

/// <summary>More columns than two for each of a block's threads, padded, and tokens of a vocabulary with such a cluster.</summary>
public readonly struct Columns700 : IDimension
{
    public static int Size => 700;

    public static int Stored => 704;
}

public readonly struct Tokens710 : IDimension
{
    public static int Size => 710;

    public static int Stored => 768;
}

public readonly struct PaddedVocabulary : IDimension
{
    public static int Size => 11;

    public static int Stored => 16;
}

// Sizes of heads.

public readonly struct Size8 : IDimension
{
    public static int Size => 8;

    public static int Stored => 8;
}

public readonly struct Size10 : IDimension
{
    public static int Size => 10;

    public static int Stored => 10;
}

public readonly struct Size41 : IDimension
{
    public static int Size => 41;

    public static int Stored => 41;
}

public readonly struct Size64 : IDimension
{
    public static int Size => 64;

    public static int Stored => 64;
}

// Cells and outputs of recurrences: odd ones, and whole vectors of most widths.

public readonly struct Width5 : IDimension
{
    public static int Size => 5;

    public static int Stored => 5;
}

public readonly struct Width13 : IDimension
{
    public static int Size => 13;

    public static int Stored => 13;
}

public readonly struct Width16 : IDimension
{
    public static int Size => 16;

    public static int Stored => 16;
}

public readonly struct Width22 : IDimension
{
    public static int Size => 22;

    public static int Stored => 22;
}

public readonly struct Width64 : IDimension
{
    public static int Size => 64;

    public static int Stored => 64;
}
