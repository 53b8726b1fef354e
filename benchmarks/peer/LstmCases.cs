using TorchSharp;
using static TorchSharp.torch;

namespace GptGen.Peer;

/// <summary>The numbers that both sides have: an LSTM with projection that reads as much as it gives, and a batch of full sequences.</summary>
internal sealed class LstmNumbers(PeerCase work)
{
    private int seed;

    public int Cells { get; } = work.Model == PeerModel.Lstm1024 ? 1024 : 4096;

    public int Width => Cells / 8;

    public float[] Weights(int count) => Uniform(count, 1 / MathF.Sqrt(Cells));

    public float[] Batch() => Uniform(work.Sequences * work.Length * Width, 1);

    private float[] Uniform(int count, float limit)
    {
        var random = new Random(seed++);
        return [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle() - 1) * limit)];
    }
}

/// <summary>The scan and what is around it: the product of all inputs before, and the gradients of all weights and of the inputs behind.</summary>
internal sealed class GptGenLstm<TCells, TWidth> : IPeerCase
    where TCells : struct, IDimension
    where TWidth : struct, IDimension
{
    private readonly CpuDevice device;
    private readonly List<Arena> arenas = [];
    private readonly Matrix<Quadruple<TCells>, TWidth> inward, recurrent, dInward, dRecurrent;
    private readonly Matrix<TWidth, TCells> projection, dProjection;
    private readonly Vector<Quadruple<TCells>> bias, dBias;
    private readonly Rows<Quadruple<TCells>> gates;
    private readonly Rows<TCells> cells;
    private readonly Rows<TWidth> x, y, dx;
    private readonly Integers lengths;
    private readonly float[] results;
    private readonly bool isStep;

    public GptGenLstm(PeerCase work, int threads)
    {
        var numbers = new LstmNumbers(work);
        var (rows, count, width) = (work.Sequences * work.Length, TCells.Size, TWidth.Size);
        device = new(threads);
        isStep = work.Kind == PeerWork.Gradients;
        inward = new(Parameter(numbers.Weights(4 * count * width)));
        recurrent = new(Parameter(numbers.Weights(4 * count * width)));
        bias = new(Parameter(numbers.Weights(4 * count)));
        projection = new(Parameter(numbers.Weights(width * count)));
        (dInward, dRecurrent) = (new(Parameter(new float[4 * count * width])), new(Parameter(new float[4 * count * width])));
        (dProjection, dBias) = (new(Parameter(new float[width * count])), new(Parameter(new float[4 * count])));
        x = new(Activations(numbers.Batch()), rows);
        (y, dx) = (new(Activations(new float[rows * width]), rows), new(Activations(new float[rows * width]), rows));
        (gates, cells) = (new(Activations(new float[rows * 4 * count]), rows), new(Activations(new float[rows * count]), rows));
        var ends = Allocate(BufferRole.Token, work.Sequences);
        ends.Write(0, [.. Enumerable.Repeat(work.Length, work.Sequences)]);
        lengths = new(ends.At(0), work.Sequences);
        results = new float[rows * width];
    }

    public double Run()
    {
        LstmRecurrence recurrence = new(TimeDirection.Forward, 0, 0);
        device.Linear(x, inward, bias, gates);
        device.LstmScan(gates, recurrent, projection, lengths, recurrence, default, default, gates, cells, y, default, default);
        if (isStep)
        {
            // The loss is half the sum of the squares.
            device.LstmScanBackward(
                y, gates, cells, y, recurrent, projection, lengths, recurrence, default, default, gates, dRecurrent, dProjection,
                GradientWrite.Write);
            device.LinearBackwardWeight(x, gates, dInward, dBias, GradientWrite.Write);
            device.LinearBackwardInput(gates, inward, dx, GradientWrite.Write);
        }

        var read = isStep ? dx : y;
        read.Start.Arena.Read(0, results);
        return results.Sum(static value => (double)Math.Abs(value));
    }

    public void Dispose()
    {
        arenas.ForEach(static arena => arena.Dispose());
        device.Dispose();
    }

    private Location Parameter(float[] values) => Filled(BufferRole.Parameter, values);

    private Location Activations(float[] values) => Filled(BufferRole.Activation, values);

    private Location Filled(BufferRole role, float[] values)
    {
        var arena = Allocate(role, values.Length);
        arena.Write(0, values);
        return arena.At(0);
    }

    private Arena Allocate(BufferRole role, int count)
    {
        var arena = device.Allocate(role, count);
        arenas.Add(arena);
        return arena;
    }
}

/// <summary>PyTorch's <c>LSTM(proj_size=…)</c>: what the module calls, which TorchSharp has no module for.</summary>
internal sealed class TorchLstm : IPeerCase
{
    private const string Script =
        """
        def scan(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
            y, hn, cn = torch.lstm(x, [h, c], [w_ih, w_hh, b_ih, b_hh, w_hr], True, 1, 0.0, True, False, True)
            return y

        """;

    private readonly jit.CompilationUnit unit = jit.compile(Script);
    private readonly Tensor[] weights;
    private readonly Tensor x, h, c;
    private readonly bool isStep;

    public TorchLstm(PeerCase work, int threads)
    {
        set_num_threads(threads);
        var numbers = new LstmNumbers(work);
        var (count, width) = (numbers.Cells, numbers.Width);
        isStep = work.Kind == PeerWork.Gradients;
        var (inward, recurrent) = (Gates(numbers.Weights(4 * count * width), width), Gates(numbers.Weights(4 * count * width), width));
        var bias = Gates(numbers.Weights(4 * count), 1);
        // The forget gate's 1 is part of the bias here.
        for (var cell = count; cell < 2 * count; cell++)
            bias[cell] += 1;
        weights =
        [
            tensor(inward).reshape(4 * count, width), tensor(recurrent).reshape(4 * count, width), tensor(bias), zeros(4 * count),
            tensor(numbers.Weights(width * count)).reshape(width, count),
        ];
        x = tensor(numbers.Batch()).reshape(work.Sequences, work.Length, width);
        (h, c) = (zeros(1, work.Sequences, width), zeros(1, work.Sequences, count));
        foreach (var weight in weights.Append(x))
            weight.requires_grad = isStep;

        // Ours are i, j, f, o; PyTorch's i, f, g, o, where j and g are the same.
        float[] Gates(float[] values, int size)
        {
            var part = count * size;
            return [.. values[..part], .. values[(2 * part)..(3 * part)], .. values[part..(2 * part)], .. values[(3 * part)..]];
        }
    }

    public double Run()
    {
        foreach (var weight in weights.Append(x))
            weight.grad = null;
        double result;
        using (NewDisposeScope())
        using (isStep ? null : no_grad())
        {
            var y = unit.invoke<Tensor>("scan", x, h, c, weights[0], weights[1], weights[2], weights[3], weights[4]);
            if (isStep)
                (y * y).sum().mul(0.5f).backward();
            result = (isStep ? x.grad! : y).abs().sum(ScalarType.Float64).item<double>();
        }

        GC.Collect();
        return result;
    }

    public void Dispose()
    {
        foreach (var tensor in weights.Concat([x, h, c]))
            tensor.Dispose();
        unit.Dispose();
    }
}

internal readonly struct Cells1024 : IDimension
{
    public static int Size => 1024;

    public static int Stored => 1024;
}

internal readonly struct Cells4096 : IDimension
{
    public static int Size => 4096;

    public static int Stored => 4096;
}

internal readonly struct Width128 : IDimension
{
    public static int Size => 128;

    public static int Stored => 128;
}

internal readonly struct Width512 : IDimension
{
    public static int Size => 512;

    public static int Stored => 512;
}
