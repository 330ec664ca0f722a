using System.Collections.Immutable;
using System.Reflection;
using Actors.Contracts;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Contracts;

/// <summary>Everything that crosses a grain call, found by looking at the interfaces, and values of it made up from a seed.</summary>
internal static class WireTypes
{
    public static IReadOnlyList<Type> Interfaces { get; } =
        [.. typeof(IUserGrain).Assembly.GetExportedTypes().Where(t => t.IsInterface && typeof(IAddressable).IsAssignableFrom(t))];

    /// <summary>Parameters and results of all methods and whatever they contain, as far as it is ours.</summary>
    public static IReadOnlyList<Type> All { get; } = Collect();

    public static object? Make(Type type, Random random)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return random.Next(3) == 0 ? null : Make(inner, random);
        }

        if (type.IsEnum)
        {
            var values = Enum.GetValues(type);
            return values.GetValue(random.Next(values.Length));
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => random.Next(2) == 0,
            TypeCode.Double => random.NextDouble() * 1_000,
            TypeCode.Byte => (byte)random.Next(256),
            TypeCode.Int16 => (short)random.Next(short.MinValue, short.MaxValue),
            TypeCode.Int32 => random.Next(int.MinValue, int.MaxValue),
            TypeCode.UInt32 => (uint)random.NextInt64(uint.MaxValue),
            TypeCode.Int64 => random.Next(4) == 0 ? random.Next(10) : random.NextInt64(),
            TypeCode.UInt64 => (ulong)random.NextInt64() * 2,
            TypeCode.String => new string([.. Enumerable.Range(0, random.Next(20)).Select(_ => "aZ0 \"{é\u4e2d\n"[random.Next(9)])]),
            _ => MakeComplex(type, random),
        };
    }

    private static object MakeComplex(Type type, Random random)
    {
        if (type == typeof(ReadOnlyMemory<byte>))
        {
            var bytes = new byte[random.Next(50)];
            random.NextBytes(bytes);
            return new ReadOnlyMemory<byte>(bytes);
        }

        if (type == typeof(TimeSpan))
        {
            return TimeSpan.FromMilliseconds(random.Next());
        }

        if (type == typeof(Guid))
        {
            return new Guid(random.Next(), 0, 0, new byte[8]);
        }

        if (type == typeof(QuietHours))
        {
            // Not every number is one of these.
            return new QuietHours(random.Next(720), 720 + random.Next(720), "UTC");
        }

        if (ElementOf(type) is { } element)
        {
            var items = Array.CreateInstance(element, random.Next(4));
            for (var i = 0; i < items.Length; i++)
            {
                items.SetValue(Make(element, random), i);
            }

            return typeof(ImmutableArray)
                .GetMethod(nameof(ImmutableArray.CreateRange), 1, [typeof(IEnumerable<>).MakeGenericType(Type.MakeGenericMethodParameter(0))])!
                .MakeGenericMethod(element).Invoke(null, [items])!;
        }

        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)
            ?? throw new InvalidOperationException($"{type} can't be made up");
        var nullability = new NullabilityInfoContext();
        var value = constructor.Invoke([.. constructor.GetParameters().Select(p => MakeFor(p.ParameterType, nullability.Create(p)))]);
        foreach (var property in type.GetProperties().Where(p => p.CanWrite && p.GetIndexParameters().Length == 0))
        {
            property.SetValue(value, MakeFor(property.PropertyType, nullability.Create(property)));
        }

        return value;

        object? MakeFor(Type member, NullabilityInfo info) =>
            !member.IsValueType && info.WriteState == NullabilityState.Nullable && random.Next(3) == 0 ? null : Make(member, random);
    }

    private static List<Type> Collect()
    {
        var found = new List<Type>();
        var waiting = new Queue<Type>(Interfaces.SelectMany(i => i.GetMethods())
            .SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType)));
        while (waiting.TryDequeue(out var next))
        {
            var type = Nullable.GetUnderlyingType(next) ?? ElementOf(next) ?? next;
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
            {
                waiting.Enqueue(type.GetGenericArguments()[0]);
            }
            else if (type != next)
            {
                waiting.Enqueue(type);
            }
            else if (type.Namespace!.StartsWith("Actors", StringComparison.Ordinal) && !type.IsInterface && !found.Contains(type))
            {
                found.Add(type);
                foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
                {
                    waiting.Enqueue(property.PropertyType);
                }
            }
        }

        return found;
    }

    private static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) ? type.GetGenericArguments()[0] : null;
}
