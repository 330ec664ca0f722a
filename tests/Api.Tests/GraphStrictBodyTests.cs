using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Actors.Api.Json;

namespace Actors.Api.Tests;

/// <summary>How bodies under <c>/v1</c> are read.</summary>
public sealed class GraphStrictBodyTests
{
    private static readonly JsonTypeInfo<Sample> Type = MakeType();

    [Fact]
    public void A_good_body_is_read_and_null_means_absent()
    {
        var read = Parse("""{"some_text":"é","count":null,"inner":{"flag":true},"list":[{"flag":false}],"maybe":null}""");

        Assert.Null(read.Problem);
        Assert.Equal(("é", 7, true, null), (read.Value!.SomeText, read.Value.Count, read.Value.Inner.Flag, read.Value.Maybe));
    }

    [Theory]
    [InlineData("""{"inner":{"flag":true}}""", "some_text")]
    [InlineData("""{"some_text":null,"inner":{"flag":true}}""", "some_text")]
    [InlineData("""{"some_text":"a","inner":{}}""", "inner.flag")]
    [InlineData("""{"some_text":"a","inner":{"flag":true},"SomeText":"b"}""", "SomeText")]
    [InlineData("""{"some_text":"a","inner":{"flag":true,"x":1}}""", "inner.x")]
    [InlineData("""{"some_text":"a","inner":{"flag":true},"list":[{"flag":true},{"flag":true,"y":null}]}""", "list[1].y")]
    [InlineData("""{"some_text":"a\u0000","inner":{"flag":true}}""", "some_text")]
    [InlineData("""{"some_text":7,"inner":{"flag":true}}""", "some_text")]
    [InlineData("""{"some_text":"a","count":"7","inner":{"flag":true}}""", "count")]
    [InlineData("""{"some_text":"a","count":7.5,"inner":{"flag":true}}""", "count")]
    [InlineData("""{"some_text":"a","inner":[]}""", "inner")]
    public void A_wrong_field_is_named(string body, string field)
    {
        var problem = Parse(body).Problem;

        Assert.NotNull(problem);
        Assert.Equal((400, "invalid_request"), (problem.Status, problem.Code));
        Assert.Contains(field, problem.Fields.Select(f => f.Field));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"some_text\":\"a\",\"some_text\":\"b\",\"inner\":{\"flag\":true}}")]
    [InlineData("{\"some_text\":\"\\ud800\",\"inner\":{\"flag\":true}}")]
    [InlineData("{\"some_text\":\"a\",}")]
    [InlineData("{/*no*/}")]
    public void What_is_no_json_object_is_malformed(string body)
    {
        var problem = Parse(body).Problem;

        Assert.NotNull(problem);
        Assert.Equal((400, "malformed_json"), (problem.Status, problem.Code));
    }

    [Fact]
    public void Depth_is_bounded()
    {
        var deep = new string('[', 40) + new string(']', 40);

        Assert.Equal("malformed_json", Parse($$"""{"x":{{deep}}}""").Problem?.Code);
    }

    private static Read<Sample> Parse(string body) => JsonBody.Parse(Encoding.UTF8.GetBytes(body), Type);

    private static JsonTypeInfo<Sample> MakeType()
    {
        var options = JsonBody.Options();
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        return (JsonTypeInfo<Sample>)options.GetTypeInfo(typeof(Sample));
    }

    private sealed record Sample(string SomeText, Inner Inner, int Count = 7, IReadOnlyList<Inner>? List = null, JsonElement? Maybe = null);

    private sealed record Inner(bool Flag);
}
