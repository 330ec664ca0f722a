using System.Reflection;
using System.Text.Json;
using Actors.Contracts;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Actors.Grains.Tests.Contracts;

public sealed class SerializationTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public static TheoryData<Type> Types => [.. WireTypes.All];

    public void Dispose() => _services.Dispose();

    [Fact]
    public void The_types_that_cross_a_call_are_found()
    {
        Assert.Contains(typeof(SendRequest), WireTypes.All);
        Assert.Contains(typeof(Policy.Users.Relation), WireTypes.All);
        Assert.Contains(typeof(Policy.Templates.TemplateButton), WireTypes.All);
        Assert.True(WireTypes.All.Count > 40, $"{WireTypes.All.Count} types");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_value_that_crosses_a_call_arrives_as_it_was(Type type) =>
        typeof(SerializationTests).GetMethod(nameof(Arrives), BindingFlags.NonPublic | BindingFlags.Instance)!.MakeGenericMethod(type).Invoke(this, null);

    private void Arrives<T>()
    {
        var serializer = _services.GetRequiredService<Serializer<T>>();
        Gen.Int.Sample(
            seed =>
            {
                var value = (T)WireTypes.Make(typeof(T), new Random(seed))!;
                Assert.Equal(Text(value, typeof(T)), Text(serializer.Deserialize(serializer.SerializeToArray(value)), typeof(T)));
            },
            iter: 100);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_value_that_is_passed_within_a_node_is_passed_as_it_is(Type type)
    {
        var copier = _services.GetRequiredService<DeepCopier>();
        Gen.Int.Sample(
            seed =>
            {
                var value = WireTypes.Make(type, new Random(seed));
                var copy = copier.Copy(value);
                Assert.Equal(Text(value, type), Text(copy, type));
                Assert.True(type.IsValueType || ReferenceEquals(value, copy), "immutable values need no copy");
            },
            iter: 10);
    }

    [Fact]
    public void An_outage_crosses_a_call_with_its_kind_and_its_message()
    {
        var serializer = _services.GetRequiredService<Serializer>();
        var thrown = new OutageException(OutageKind.Unknown, "nobody knows");
        var arrived = Assert.IsType<OutageException>(serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(thrown)));
        Assert.Equal(OutageKind.Unknown, arrived.Kind);
        Assert.Equal("nobody knows", arrived.Message);
    }

    [Fact]
    public void Whatever_crosses_a_call_has_a_name_and_numbers_of_its_own()
    {
        var serialized = typeof(IUserGrain).Assembly.GetTypes().Where(t => t.GetCustomAttribute<GenerateSerializerAttribute>() is not null).ToList();
        Assert.All(serialized, t => Assert.NotNull(t.GetCustomAttribute<AliasAttribute>()));
        Assert.All(
            serialized.SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(p => p.CanWrite)),
            p => Assert.True(p.GetCustomAttribute<IdAttribute>() is not null, $"{p.DeclaringType}.{p.Name} has no id"));
        Assert.All(WireTypes.Interfaces, i => Assert.NotNull(i.GetCustomAttribute<AliasAttribute>()));
        Assert.All(WireTypes.Interfaces.SelectMany(i => i.GetMethods()), m => Assert.NotNull(m.GetCustomAttribute<AliasAttribute>()));
    }

    /// <summary>Records don't compare their lists and bytes by content; their texts do.</summary>
    private static string Text(object? value, Type type) => JsonSerializer.Serialize(value, type);
}
