using System.Reflection;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;
using Argument = System.Reflection.ParameterInfo;

namespace GptGen.Runtime.Tests.Devices;

/// <summary>Every public operator refuses views that do not lie in its device's memory, whichever of its arguments is wrong and however.</summary>
public sealed class BorderTests
{
    private static readonly MethodInfo[] s_operators = [
        .. typeof(Device).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(method => method.GetParameters().Any(parameter => IsMemory(parameter.ParameterType)))];

    public static TheoryData<string> Devices => ["cpu", "reference"];

    [Theory]
    [MemberData(nameof(Devices))]
    public void AViewThatDoesNotLieInItsDevicesMemoryIsRefused(string name)
    {
        using var device = Open(name);
        using var other = new CpuDevice(1);
        var tried = 0;
        foreach (var method in s_operators)
        {
            Assert.Null(Call(device, other, method, -1, Fault.None));
            var parameters = method.GetParameters();
            for (var wrong = 0; wrong < parameters.Length; wrong++)
            {
                foreach (var fault in Faults(parameters[wrong]))
                {
                    var error = Call(device, other, method, wrong, fault);
                    Assert.True(
                        error is ArgumentException or ObjectDisposedException,
                        $"{method.Name}: with {fault} {parameters[wrong].Name} {(error is null ? "nothing" : error.ToString())} was thrown.");
                    tried++;
                }
            }
        }

        Assert.True(s_operators.Length >= 28 && tried > 500, $"Only {tried} faults of {s_operators.Length} operators were tried.");
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void AnArenaRefusesWhatLiesOutside(string name)
    {
        using var device = Open(name);
        using var numbers = device.Allocate(BufferRole.Activation, 8);
        using var integers = device.Allocate(BufferRole.Token, 8);
        foreach (var (offset, count) in ((nint, int)[])[(0, 9), (8, 1), (9, 0), (-1, 1), (nint.MinValue, 1), (nint.MaxValue, 8), (1, 8)])
        {
            Assert.ThrowsAny<ArgumentException>(() => numbers.Write(offset, new float[count]));
            Assert.ThrowsAny<ArgumentException>(() => numbers.Read(offset, new float[count]));
            Assert.ThrowsAny<ArgumentException>(() => integers.Write(offset, new int[count]));
            Assert.ThrowsAny<ArgumentException>(() => integers.Read(offset, new int[count]));
            Assert.ThrowsAny<ArgumentException>(() => numbers.Clear(offset, count));
        }

        Assert.ThrowsAny<ArgumentException>(() => numbers.Clear(0, -1));
        Assert.ThrowsAny<ArgumentException>(() => numbers.At(9));
        Assert.ThrowsAny<ArgumentException>(() => numbers.At(-1));
        Assert.Throws<InvalidOperationException>(() => numbers.Write(0, new int[1]));
        Assert.Throws<InvalidOperationException>(() => integers.Read(0, new float[1]));
        Assert.ThrowsAny<ArgumentException>(() => device.Allocate(BufferRole.Activation, -1));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void WhatIsDisposedOfIsRefused(string name)
    {
        var device = Open(name);
        var (numbers, kept) = (device.Allocate(BufferRole.Activation, 8), device.Allocate(BufferRole.Activation, 8));
        numbers.Dispose();
        numbers.Dispose();
        Assert.Throws<ObjectDisposedException>(() => numbers.Write(0, new float[1]));
        Assert.Throws<ObjectDisposedException>(() => numbers.Read(0, new float[1]));
        Assert.Throws<ObjectDisposedException>(() => numbers.Clear(0, 1));
        kept.Write(0, [1f]);
        device.Dispose();
        device.Dispose();
        Assert.Throws<ObjectDisposedException>(() => kept.Write(0, new float[1]));
        Assert.Throws<ObjectDisposedException>(() => device.Copy<Width1>(new(kept.At(0), 1), new(kept.At(1), 1)));
        kept.Dispose();
    }

    private static Device Open(string name) => name == "cpu" ? new CpuDevice(2) : new ReferenceDevice();

    /// <summary>What a call threw; null when it went through.</summary>
    private static Exception? Call(Device device, Device other, MethodInfo method, int wrong, Fault fault)
    {
        using var arguments = new BorderArguments(device, other);
        var generic = method.IsGenericMethodDefinition
            ? method.MakeGenericMethod([.. method.GetGenericArguments().Select(BorderArguments.Dimension)])
            : method;
        var values = generic.GetParameters().Select((parameter, index) => arguments.Create(parameter, index == wrong ? fault : Fault.None)).ToArray();
        try
        {
            generic.Invoke(device, values);
            return null;
        }
        catch (TargetInvocationException error)
        {
            return error.InnerException;
        }
    }

    private static IEnumerable<Fault> Faults(Argument parameter)
    {
        var type = parameter.ParameterType;
        if (!IsMemory(type))
            return [];
        // What an operator only writes, and sampling's bits, choose nothing.
        var chooses = type == typeof(Integers) && !(parameter.Member.Name == nameof(Device.Sample) && parameter.Name != "draws");
        // A ring of positions has no end.
        var ends = !(parameter.Member.Name == nameof(Device.RelativeAttentionDecode) && parameter.Name == "positions");
        return Enum.GetValues<Fault>().Where(fault => fault switch
        {
            Fault.None => false,
            Fault.Larger or Fault.Huge or Fault.Negative => type != typeof(Arena) && !(type.IsGenericType && type.Name.StartsWith(
                "Matrix", StringComparison.Ordinal))
                && !(type.IsGenericType && type.Name.StartsWith("Vector", StringComparison.Ordinal)),
            Fault.Later => type != typeof(Arena),
            Fault.ChoosesBelow => chooses,
            Fault.ChoosesBeyond => chooses && ends,
            _ => true,
        });
    }

    private static bool IsMemory(Type type) =>
        type == typeof(Arena) || type == typeof(Integers) || type == typeof(Statistics) || type == typeof(SlotCache) ||
        (type.IsGenericType && new[] { typeof(Rows<>), typeof(Columns<>), typeof(Matrix<,>), typeof(Vector<>), typeof(KeyValueCache<>) }.Contains(
            type.GetGenericTypeDefinition()));
}
