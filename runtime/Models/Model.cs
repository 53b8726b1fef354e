namespace GptGen;

/// <summary>
/// The weights of a generated model on a device. The generator makes every annotated class one of its kinds. One model may serve many
/// training and inference graphs; graphs of one model that only read weights may run at the same time, each on a thread of its own. A model may be
/// disposed of while its graphs run: what is in use is not freed, and their next call throws <see cref="ObjectDisposedException"/>.
/// </summary>
public abstract class Model : IDisposable
{
    /// <summary>Allocates the parameters, all zero but for constants that no file holds.</summary>
    protected Model(Device device, ModelDescription description)
    {
        ArgumentNullException.ThrowIfNull(device);
        Device = device;
        Description = description;
        device.Prepare(description);
        Parameters = device.AllocateParameters(description);
        ParameterInitializer.SetConstants(this);
    }

    /// <summary>Where the weights are.</summary>
    public Device Device { get; }

    /// <summary>What is known at compile time.</summary>
    public ModelDescription Description { get; }

    /// <summary>The weights.</summary>
    public Arena Parameters { get; }

    /// <summary>Sets every weight as the specification says, from <paramref name="seed"/> alone: the same on every device.</summary>
    public void Initialize(uint seed) => ParameterInitializer.Initialize(this, seed);

    /// <summary>
    /// A parameter by its name in files, such as <c>h.0.attn.c_attn.weight</c>, in the shape that files store it in
    /// (<see cref="ParameterInfo.StoredShape"/>). Waits for the device.
    /// </summary>
    /// <exception cref="GptGenException">There is no such parameter.</exception>
    public float[] ReadParameter(string name) => Checkpoints.ParameterTensors.Read(Parameters, Description.FindParameter(name));

    /// <summary>Sets a parameter from values as <see cref="ReadParameter"/> gives them.</summary>
    /// <exception cref="GptGenException">There is no such parameter, or it has another number of elements.</exception>
    public void WriteParameter(string name, ReadOnlySpan<float> values) =>
        Checkpoints.ParameterTensors.Write(Parameters, Description.FindParameter(name), values);

    /// <summary>Frees the weights as soon as no call uses them.</summary>
    public void Dispose()
    {
        Parameters.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>What a generated model offers without an instance, so that generic code can create one.</summary>
/// <typeparam name="TSelf">The model.</typeparam>
public interface IModel<TSelf>
    where TSelf : Model, IModel<TSelf>
{
    /// <summary>What is known at compile time.</summary>
    static abstract ModelDescription Specification { get; }

    /// <summary>The model on a device, its weights zero.</summary>
    static abstract TSelf Create(Device device);
}
