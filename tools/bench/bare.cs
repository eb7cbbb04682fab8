#:sdk Microsoft.NET.Sdk.Web
#:property PublishAot=false
#:property GenerateDocumentationFile=false

// What the web server alone can do on this machine: a constant JSON body. Fabric's rates are judged beside it.
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(args[0]);
var app = builder.Build();
byte[] body = """{"flavors": [{"id": "1", "name": "m1.tiny", "links": []}]}"""u8.ToArray();
app.MapGet("/", context =>
{
    context.Response.ContentType = "application/json";
    context.Response.ContentLength = body.Length;
    return context.Response.Body.WriteAsync(body).AsTask();
});
app.Run();
