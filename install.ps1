# Installs wsgi-express for this user: downloads the binary, checks its SHA-256, puts it into a folder and on PATH.
#
#   irm https://…/install.ps1 | iex
#   .\install.ps1 -Version 4.8.0 -To "$HOME\bin"
#
# No administrator is needed. WSGI_EXPRESS_REPOSITORY names another repository on GitHub, OWNER/NAME, for releases of your
# own; WSGI_EXPRESS_RELEASES is the same as -From.
param(
  # A release other than the latest.
  [string] $Version = "latest",
  [string] $To = (Join-Path $env:LOCALAPPDATA "Programs\wsgi-express"),
  # Where the releases are, or a folder with them.
  [string] $From = $env:WSGI_EXPRESS_RELEASES
)
$ErrorActionPreference = "Stop"
# The progress bar makes downloads many times slower in Windows PowerShell.
$ProgressPreference = "SilentlyContinue"

$repository = if ($env:WSGI_EXPRESS_REPOSITORY) { $env:WSGI_EXPRESS_REPOSITORY } else { "wsgi-express/wsgi-express" }
if (-not $From) { $From = "https://github.com/$repository/releases" }
if (-not [Environment]::Is64BitOperatingSystem) { throw "install.ps1: wsgi-express needs 64-bit Windows" }
# Windows on ARM runs it too, by emulation.
$name = "wsgi-express-x86_64-pc-windows-msvc.exe"
$place = if ($Version -eq "latest") { "$From/latest/download" } else { "$From/download/v$($Version -replace '^v', '')" }

$temporary = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
New-Item -ItemType Directory $temporary | Out-Null
try {
  foreach ($file in $name, "SHA256SUMS") {
    $target = Join-Path $temporary $file
    if ($From -match "^https?:") { Invoke-WebRequest -UseBasicParsing "$place/$file" -OutFile $target }
    else { Copy-Item (Join-Path $From $file) $target }
  }
  $line = Get-Content (Join-Path $temporary "SHA256SUMS") | Where-Object { ($_ -split "\s+\*?")[1] -eq $name }
  if (-not $line) { throw "install.ps1: SHA256SUMS has no line for $name" }
  $expected = ($line -split "\s+")[0]
  $found = (Get-FileHash -Algorithm SHA256 (Join-Path $temporary $name)).Hash
  if ($found -ne $expected) {
    throw "install.ps1: the checksum of $name is $found and should be $expected`: nothing was installed"
  }
  # Such as a file that was built without a base.
  $said = & (Join-Path $temporary $name) --version | Select-Object -First 1
  if ($said -notlike "wsgi-express *") { throw "install.ps1: $name does not run here: nothing was installed" }
  New-Item -ItemType Directory -Force $To | Out-Null
  $program = Join-Path $To "wsgi-express.exe"
  # A program that runs can be renamed, not overwritten.
  if (Test-Path $program) {
    $old = "$program.old"
    if (Test-Path $old) { Remove-Item $old -ErrorAction SilentlyContinue }
    Move-Item -Force $program $old
  }
  Copy-Item (Join-Path $temporary $name) $program
  Remove-Item "$program.old" -ErrorAction SilentlyContinue
} finally {
  Remove-Item -Recurse -Force $temporary
}

$path = [Environment]::GetEnvironmentVariable("Path", "User")
if (($path -split ";") -notcontains $To) {
  [Environment]::SetEnvironmentVariable("Path", (@($path, $To) | Where-Object { $_ }) -join ";", "User")
  Write-Output "Added $To to PATH for new terminals"
}
Write-Output "Installed $program"
