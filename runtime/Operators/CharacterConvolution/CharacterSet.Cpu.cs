namespace GptGen.Cpu;

/// <summary>The characters that a call's words have, in the order of the table, and each place's character as its number in that order.</summary>
internal readonly unsafe struct CharacterSet
{
    private readonly int* members;

    /// <summary>Collects them in <see cref="Size"/> integers.</summary>
    public CharacterSet(int* characters, int* memory, in CharacterShape shape)
    {
        nint count = (nint)shape.Rows * shape.Length;
        int* numberOf = memory;
        members = memory + shape.Characters;
        Numbers = members + shape.Characters;
        new Span<int>(numberOf, shape.Characters).Clear();
        for (nint i = 0; i < count; i++)
            numberOf[characters[i]] = 1;
        for (int character = 0; character < shape.Characters; character++)
        {
            if (numberOf[character] == 0)
                continue;
            members[Count] = character;
            numberOf[character] = Count++;
        }

        for (nint i = 0; i < count; i++)
            Numbers[i] = numberOf[characters[i]];
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The number of the character in each place, [rows, length].</summary>
    public int* Numbers { get; }

    /// <summary>Integers that a set takes.</summary>
    public static nint Size(in CharacterShape shape) => 2 * (nint)shape.Characters + (nint)shape.Rows * shape.Length;

    /// <summary>The rows of a table that belong to the characters.</summary>
    public void Gather(float* table, float* rows, nint width)
    {
        for (nint i = 0; i < Count; i++)
            CpuRange.Copy(table + members[i] * width, rows + i * width, width);
    }

    /// <summary>Adds the characters' rows to those of a table.</summary>
    public void Scatter(float* rows, float* table, nint width)
    {
        for (nint i = 0; i < Count; i++)
        {
            for (nint column = 0; column < width; column++)
                table[members[i] * width + column] += rows[i * width + column];
        }
    }
}
